import { expect, test } from 'vitest'
import type { Kube } from '../../../../src/kube/api.ts'
import { readRoom } from '../../../../src/stack/capacity/room.ts'

const { signal } = new AbortController()

function cluster(taints: object[]): Kube {
  const node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'worker' },
    spec: { taints },
    status: { allocatable: { cpu: '2', memory: '1Gi' } },
  }
  return { list: async ({ kind }: { kind: string }) => (kind === 'Node' ? [node] : []) } as unknown as Kube
}

test('a node that has just become ready counts, although it still has its taint', async () => {
  const asked = { key: 'lifecycle', value: 'spot', effect: 'NoSchedule' }
  const cordoned = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }
  const own = [
    { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' },
    { key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule' },
  ]
  const { nodes } = await readRoom(cluster([...own, asked, cordoned]), 'todo', undefined, signal)
  expect(nodes[0]).toMatchObject({ allocatable: { cpu: 2000, memory: 1024 ** 3 }, taints: [asked, cordoned] })
})
