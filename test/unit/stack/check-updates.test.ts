import { expect, test } from 'vitest'
import { DevkError } from '../../../src/errors.ts'
import type { KubeObject } from '../../../src/kube/api.ts'
import { checkUpdates } from '../../../src/stack/check-updates.ts'
import { compare } from '../../../src/stack/compare.ts'
import { type Plan, rejectRefusals } from '../../../src/stack/plan.ts'
import { planLines } from '../../fakes/plan-lines.ts'
import { asApplied, desiredOf, stackKube } from './support.ts'

const { signal } = new AbortController()

const object = (apiVersion: string, kind: string, spec: object): KubeObject => {
  return { apiVersion, kind, metadata: { name: 'x' }, spec }
}

/** The checked plan of a change that the server refuses for the existing object, as for any fixed field. */
async function changed(before: KubeObject, after: KubeObject, others: readonly KubeObject[] = []): Promise<Plan> {
  const kube = stackKube({
    kinds: { 'example.com/v1 Database': true },
    objects: others,
    onApply(applied) {
      if (applied.metadata.name !== 'x') return undefined
      const cause = { code: 422, details: { causes: [{ field: 'spec.fixed', message: 'field is immutable' }] } }
      throw new DevkError('KUBE_API', 'x is invalid', { cause })
    },
  })
  const observed = { ours: desiredOf([before]).objects.map((entry) => asApplied(entry)), others: new Map() }
  const plan = compare(desiredOf([after]).objects, observed, { pruneData: false })
  const known = await checkUpdates(plan, observed, { kube, signal })
  expect(kube.writes.filter((write) => !write.startsWith('dry-run'))).toEqual([])
  return known
}

const change = (apiVersion: string, kind: string, more: object = {}, others: readonly KubeObject[] = []) =>
  changed(object(apiVersion, kind, { fixed: 1, ...more }), object(apiVersion, kind, { fixed: 2, ...more }), others)

test.each([
  ['apps/v1', 'Deployment'],
  ['apps/v1', 'StatefulSet'],
  ['v1', 'Service'],
  ['v1', 'Secret'],
  ['rbac.authorization.k8s.io/v1', 'RoleBinding'],
])('%s %s: what the server does not let change is replaced', async (apiVersion, kind) => {
  expect(planLines(await change(apiVersion, kind))).toEqual([
    `replace ${kind} default/x (spec.fixed: field is immutable)`,
  ])
})

test('what data would be lost with is refused, with the place and the way forward', async () => {
  const claim = await change('v1', 'PersistentVolumeClaim')
  expect(() => rejectRefusals(claim)).toThrow(
    expect.objectContaining({
      code: 'MANIFEST_INVALID',
      details: [
        'k8s/a.yaml:1: PersistentVolumeClaim default/x: spec.fixed: field is immutable; its data would be lost. Undo the ' +
          'change, or save what you need, run kubectl delete persistentvolumeclaim x -n default, and run devk up again.',
        'Nothing was changed.',
      ],
    }),
  )
  const whenDeleted = { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' } }
  expect((await change('apps/v1', 'StatefulSet', whenDeleted)).actions[0]).toMatchObject({ do: 'refuse' })
  const definition = {
    ...object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', {
      group: 'example.com',
      names: { kind: 'Database' },
    }),
    metadata: { name: 'databases.example.com' },
  }
  const custom = await change('example.com/v1', 'Database', {}, [definition])
  expect(custom.actions[0]).toMatchObject({ do: 'refuse', way: expect.stringContaining('its operator') })
})

test('a Service whose node port another Service of the project still has is updated, not replaced', async () => {
  const service = (name: string, nodePort: number): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { type: 'NodePort', ports: [{ port: 80, nodePort }] },
  })
  const kube = stackKube({
    onApply({ spec }) {
      const { ports } = spec as { ports: { nodePort?: number }[] }
      if (ports[0]?.nodePort === undefined) return undefined
      const cause = { code: 422, details: { causes: [{ field: 'nodePort', message: 'already allocated' }] } }
      throw new DevkError('KUBE_API', 'invalid', { cause })
    },
  })
  const before = desiredOf([service('a', 30001), service('b', 30002)]).objects.map((entry) => asApplied(entry))
  const observed = { ours: before, others: new Map() }
  const plan = compare(desiredOf([service('a', 30002), service('b', 30001)]).objects, observed, { pruneData: false })
  const { actions } = await checkUpdates(plan, observed, { kube, signal })
  expect(actions.map((action) => action.do)).toEqual(['update', 'update'])
})
