import { expect, test } from 'vitest'
import { workloadEntry } from '../../../../src/commands/status/report.ts'

test('a workload on a node that does not report is not ready, whatever its status says', () => {
  const ready = { conditions: [{ type: 'Ready', status: 'True' }], containerStatuses: [] }
  const pods = [
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web-1' }, spec: { nodeName: 'two' }, status: ready },
  ]
  const status = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 }
  const metadata = { name: 'web', generation: 1 }
  const workloads = [{ apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas: 1 }, status }]
  const facts = { name: 'web', url: undefined, workloads, pods, events: [] }
  expect(workloadEntry(facts)).toMatchObject({ state: 'ready', reason: null })
  expect(workloadEntry({ ...facts, silent: [{ name: 'one', ms: 20_000 }] })).toMatchObject({ state: 'ready' })
  expect(workloadEntry({ ...facts, silent: [{ name: 'two', ms: 20_000 }] })).toMatchObject({
    state: 'unavailable',
    reason: expect.stringContaining('its node two has not reported for 20s'),
    pods: [{ name: 'web-1', ready: false }],
  })
})
