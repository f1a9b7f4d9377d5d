import { Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import { probePolicies } from '../../../../src/commands/doctor/policy-probe.ts'
import { probeRef } from '../../../../src/commands/doctor/policy-probe-objects.ts'
import type { KubeObject, PodStreams } from '../../../../src/kube/api.ts'
import { fakeKube } from '../../../fakes/kube.ts'

const signal = AbortSignal.timeout(30_000)
const nameServer: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'coredns-1', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
  spec: { nodeName: 'n1', containers: [{ name: 'coredns', image: 'registry.k8s.io/coredns/coredns:v1.12.1' }] },
  status: { phase: 'Running' },
}

/** A cluster whose pods start at once. If `enforces` is set, the client is refused once there is a policy. */
function cluster({ enforces, objects = [nameServer] }: { enforces: boolean; objects?: KubeObject[] }) {
  const kube = fakeKube({
    objects,
    onApply: (object) =>
      object.kind === 'Pod' ? { ...object, status: { phase: 'Running', podIP: '10.244.0.9' } } : undefined,
  })
  const denied = () => kube.writes.some((write) => write.startsWith('apply NetworkPolicy'))
  const refuse = () => Promise.reject(new Error('not part of the probe'))
  const streams: PodStreams = {
    exec: refuse,
    logs: refuse,
    connect: async () =>
      new Duplex({
        read() {},
        write(_chunk, _encoding, done) {
          this.push(Buffer.from([0, 12, 0, 1, 0x81, enforces && denied() ? 0x82 : 0x80]))
          done()
        },
      }),
  }
  return { kube, streams }
}

test('a network that refuses the connection after the policy enforces policies, and nothing is left behind', async () => {
  const { kube, streams } = cluster({ enforces: true })
  expect(await probePolicies({ kube, streams }, signal)).toEqual({ state: 'enforced' })
  expect(kube.writes).toEqual([
    'apply Namespace devk-doctor',
    'apply ConfigMap devk-doctor/server',
    'apply Pod devk-doctor/server',
    'apply ConfigMap devk-doctor/client',
    'apply Pod devk-doctor/client',
    'apply NetworkPolicy devk-doctor/deny',
    'delete Namespace devk-doctor',
  ])
  expect(kube.peek(probeRef)).toBeUndefined()
})

test('nothing is created in a cluster without CoreDNS', async () => {
  const { kube, streams } = cluster({ enforces: true, objects: [] })
  expect(await probePolicies({ kube, streams }, signal)).toMatchObject({ state: 'unknown' })
  expect(kube.writes).toEqual([])
})

test('a foreign namespace of that name is not changed', async () => {
  const foreign: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'devk-doctor' } }
  const { kube, streams } = cluster({ enforces: true, objects: [nameServer, foreign] })
  await expect(probePolicies({ kube, streams }, signal)).rejects.toMatchObject({ code: 'CLUSTER_FOREIGN' })
  expect(kube.writes).toEqual([])
})
