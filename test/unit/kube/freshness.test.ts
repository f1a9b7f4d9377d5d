import { expect, test } from 'vitest'
import type { Kube, KubeObject } from '../../../src/kube/api.ts'
import { apiFailure } from '../../../src/kube/client/errors.ts'
import { outdatedPods, readSilentNodes, silentNodes } from '../../../src/kube/freshness.ts'
import type { Pod } from '../../../src/kube/pod.ts'

const lease = (namespace: string, name: string, renewTime: string): KubeObject => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { namespace, name },
  spec: { renewTime },
})
const node = (name: string, second: string) => lease('kube-node-lease', name, `2026-01-01T10:00:${second}.000000Z`)
const manager = lease('kube-system', 'kube-controller-manager', '2026-01-01T10:00:40.500000Z')

test('a node is silent when others have renewed their Leases since, whatever the clock of this machine says', () => {
  expect(silentNodes([node('one', '31'), node('two', '02'), manager])).toEqual([{ name: 'two', ms: 38_500 }])
  expect(silentNodes([node('one', '31'), node('two', '29'), manager])).toEqual([])
  expect(silentNodes([node('one', '02')])).toEqual([])
  expect(silentNodes([])).toEqual([])
})

test('Leases that devk may not read say nothing; other failures are failures', async () => {
  const answering = (code: number) =>
    readSilentNodes(
      { list: async () => Promise.reject(apiFailure({ method: 'GET', path: '/leases' }, code, {})) } as unknown as Kube,
      new AbortController().signal,
    )
  expect(await answering(403)).toEqual([])
  await expect(answering(500)).rejects.toThrow('status 500')
})

function pod(nodeName: string, startedAt: string | undefined): Pod {
  const state = startedAt === undefined ? { waiting: {} } : { running: { startedAt } }
  const containerStatuses = [{ name: 'main', state }]
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec: { nodeName }, status: { containerStatuses } }
}

test('a container that is said to run since before its node started is not believed', () => {
  const starts = new Map([['one', Date.parse('2026-01-01T10:00:00.7Z')]])
  const outdated = (some: Pod) => outdatedPods([some], starts).length > 0
  expect(outdated(pod('one', '2026-01-01T09:00:00Z'))).toBe(true)
  expect(outdated(pod('one', '2026-01-01T10:00:00Z'))).toBe(false)
  expect(outdated(pod('one', '2026-01-01T10:00:07Z'))).toBe(false)
  expect(outdated(pod('one', undefined))).toBe(false)
  expect(outdated(pod('two', '2026-01-01T09:00:00Z'))).toBe(false)
})
