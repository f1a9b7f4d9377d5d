import { expect, test } from 'vitest'
import { workloadEntry } from '../../../../src/commands/status/report.ts'
import type { KubeObject } from '../../../../src/kube/api.ts'
import type { Pod } from '../../../../src/kube/pod.ts'
import { annotations } from '../../../../src/lib/keys.ts'

const web: KubeObject = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { replicas: 2 } }
const stopped: KubeObject = {
  ...web,
  metadata: { name: 'web', annotations: { [annotations.stopped]: JSON.stringify(web) } },
  spec: { replicas: 0 },
  status: { observedGeneration: 1 },
}
const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web-1', uid: 'u' } } as Pod
const state = (workloads: readonly KubeObject[], pods: readonly Pod[] = []) =>
  workloadEntry({ name: 'web', url: undefined, workloads, pods, events: [] })

test('a service that was stopped says how it is started, when its pods have ended', () => {
  expect(state([stopped])).toMatchObject({ state: 'stopped', reason: expect.stringContaining('devk start web') })
  expect(state([stopped], [pod]).state).not.toBe('stopped')
})

test('a service without pods that devk stop did not stop, or only in part, is not stopped', () => {
  const { annotations: _, ...metadata } = stopped.metadata
  expect(state([{ ...stopped, metadata }]).state).toBe('ready')
  expect(state([stopped, web]).state).toBe('starting')
})
