import { expect, test } from 'vitest'
import type { Pod } from '../../../src/kube/pod.ts'
import { otherWorkloads, unitFinder, unknownUnits } from '../../../src/logs/units.ts'

/** A pod of a controller (`KIND/NAME`); without one it stands alone. */
function pod(name: string, controller: string | undefined, labels: Record<string, string> = {}): Pod {
  const [kind = '', owner = ''] = controller?.split('/') ?? []
  const ownerReferences = controller === undefined ? [] : [{ kind, name: owner, uid: 'u', controller: true }]
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels, ownerReferences } }
}

const pods = [
  pod('web-5d4f-x', 'ReplicaSet/web-5d4f', { 'pod-template-hash': '5d4f', 'devk.dev/service': 'web' }),
  pod('beat-7c9b-x', 'ReplicaSet/beat-7c9b', { 'pod-template-hash': '7c9b' }),
  pod('canary-66f-x', 'ReplicaSet/canary-66f', { 'rollouts-pod-template-hash': '66f' }),
  pod('broker-0', 'StatefulSet/broker'),
  pod('nightly-29384700-x', 'Job/nightly-29384700'),
  pod('todo-migrate-3-x', 'Job/todo-migrate-3', { 'devk.dev/job': 'migrate' }),
  pod('alone', undefined),
]
const known = ['web', 'db']

/** The pods whose logs these names print. */
const shown = (...names: string[]) => {
  const unitOf = unitFinder({ known, names })
  return pods.flatMap((each) => (unitOf(each, 'main') === undefined ? [] : [each.metadata.name]))
}

test.each([
  ['web', ['web-5d4f-x']],
  ['beat', ['beat-7c9b-x']],
  ['deployment/beat', ['beat-7c9b-x']],
  ['statefulset/beat', []],
  ['canary', ['canary-66f-x']],
  ['StatefulSet/broker', ['broker-0']],
  ['nightly', ['nightly-29384700-x']],
  ['job/nightly-29384700', ['nightly-29384700-x']],
  ['migrate', ['todo-migrate-3-x']],
  ['alone', ['alone']],
  ['beat-7c9b-x', ['beat-7c9b-x']],
])('a user finds the pods of a workload by its name: %s', (name, expected) => {
  expect(shown(name)).toEqual(expected)
  expect(unknownUnits({ known, names: [name] }, pods)).toEqual(expected.length === 0 ? [name] : [])
})

test('a service has priority over a workload of the same name, and several names can be mixed', () => {
  const unitOf = unitFinder({ known, names: ['web', 'beat'] })
  expect(pods.map((each) => unitOf(each, 'main'))).toEqual(['web', 'beat', ...Array(5).fill(undefined)])
})

test('an unknown name is reported with the workloads that can be named', () => {
  expect(unknownUnits({ known, names: ['db', 'baet'] }, pods)).toEqual(['baet'])
  expect(otherWorkloads(pods)).toEqual(['alone', 'beat', 'broker', 'canary', 'migrate', 'nightly'])
})
