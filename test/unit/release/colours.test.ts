import { expect, test } from 'vitest'
import { type KubeObject, nameOf } from '../../../src/kube/api.ts'
import { annotations } from '../../../src/lib/keys.ts'
import { choices, chooseService, requireColour } from '../../../src/release/colours.ts'
import { compare } from '../../../src/stack/compare.ts'
import { switchedOf, withColour } from '../../../src/stack/switched.ts'
import { planLines } from '../../fakes/plan-lines.ts'
import { asApplied, deployment, desiredOf } from '../stack/support.ts'

const workload = (name: string, labels: object, namespace = 'shop'): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace },
  spec: { template: { metadata: { labels }, spec: { containers: [{ name: 'app' }] } } },
})
const service = (name: string, selector: object, namespace = 'shop'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace },
  spec: { selector },
})

const blue = workload('gate-blue', { app: 'gate', color: 'blue' })
const green = workload('gate-green', { app: 'gate', color: 'green' })
const web = workload('web', { app: 'web', color: 'blue' })
const gate = service('gateway', { app: 'gate', color: 'blue' })
const owners = new Map([blue, green].map((each) => [nameOf(each), ['api']]))

test('a Service can be switched by the label that differs between its workloads', () => {
  const found = choices([gate, service('web', { app: 'web', color: 'blue' })], [blue, green, web])
  expect(
    found.map(({ service: { metadata }, key, current, colours }) => [metadata.name, key, current, [...colours.keys()]]),
  ).toEqual([['gateway', 'color', 'blue', ['blue', 'green']]])
})

test('workloads of another namespace do not count', () => {
  const far = workload('gate-green', { app: 'gate', color: 'green' }, 'other')
  expect(choices([gate], [blue, far])).toEqual([])
})

test.each(['gateway', 'api'])('the name %s finds the Service', (name) => {
  expect(chooseService(choices([gate], [blue, green]), name, owners).service).toBe(gate)
})

test('if each colour also has a Service, the common Service is switched', () => {
  const own = [blue, green].map((each) =>
    service(each.metadata.name, { app: 'gate', color: each.metadata.name.slice(5) }),
  )
  const all = choices([...own, gate], [blue, green])
  expect(all).toHaveLength(3)
  expect(chooseService(all, 'api', owners).service).toBe(gate)
})

test('of two Services for the same workloads, one must be named', () => {
  const all = choices([gate, service('inner', { app: 'gate', color: 'blue' })], [blue, green])
  expect(() => chooseService(all, 'api', owners)).toThrow('has several Services that can be switched: gateway, inner')
})

test('the errors for an unknown service and an unknown colour suggest a similar name', () => {
  const all = choices([gate], [blue, green])
  expect(() => chooseService(all, 'gatway', owners)).toThrow(
    expect.objectContaining({ hint: 'Did you mean "gateway"?' }),
  )
  const choice = chooseService(all, 'gateway', owners)
  expect(() => requireColour(choice, 'gren')).toThrow(expect.objectContaining({ hint: 'Did you mean "green"?' }))
})

test('a switch is recorded, and switching back removes the record', () => {
  const switched = withColour(gate, { key: 'color', manifest: 'blue', to: 'green' })
  expect(switched.spec).toEqual({ selector: { app: 'gate', color: 'green' } })
  expect(switchedOf(switched)).toEqual({ key: 'color', manifest: 'blue', to: 'green' })
  const back = withColour(switched, { key: 'color', manifest: 'blue', to: 'blue' })
  expect(back.spec).toEqual(gate.spec)
  expect(back.metadata.annotations).toEqual({})
})

/** The plan of these manifests in a cluster whose Service was switched from blue to green. */
function planAfterSwitch(before: readonly KubeObject[], wanted: readonly KubeObject[]) {
  const there = desiredOf(before, {}).objects.map((entry) => {
    const object = asApplied(entry)
    return object.kind === 'Service' ? withColour(object, { key: 'color', manifest: 'blue', to: 'green' }) : object
  })
  return compare(desiredOf(wanted, {}).objects, { ours: there, others: new Map() }, { pruneData: false })
}

const colour = (name: string): KubeObject => {
  const object = deployment(`gate-${name}`)
  const template = { metadata: { labels: { app: 'gate', color: name } }, spec: { containers: [{ name: 'app' }] } }
  return { ...object, spec: { ...(object.spec as object), template } }
}
const manifests = (current: string, more: object = {}) => {
  const { namespace: _, ...metadata } = gate.metadata
  const spec = { selector: { app: 'gate', color: current }, ...more }
  return [{ ...gate, metadata, spec }, colour('blue'), colour('green')]
}

test('an up without a change does not change a switched Service', () => {
  expect(planLines(planAfterSwitch(manifests('blue'), manifests('blue')))).toEqual([])
})

test('a change of the Service keeps its colour', () => {
  const plan = planAfterSwitch(manifests('blue'), manifests('blue', { sessionAffinity: 'ClientIP' }))
  const [action] = plan.actions.filter(({ do: what }) => what === 'update')
  expect(action).toMatchObject({
    wanted: {
      object: {
        metadata: { annotations: { [annotations.switched]: 'color=blue>green' } },
        spec: { selector: { color: 'green' }, sessionAffinity: 'ClientIP' },
      },
    },
  })
})

test('if the manifest has changed its colour since the switch, the manifest wins', () => {
  const plan = planAfterSwitch(manifests('blue'), manifests('green'))
  expect(plan.actions).toContainEqual(
    expect.objectContaining({
      do: 'update',
      wanted: expect.objectContaining({
        object: expect.not.objectContaining({ metadata: expect.objectContaining({ annotations: expect.anything() }) }),
      }),
    }),
  )
})

test('if the colour is no longer wanted, the Service is switched back, so that it has pods', () => {
  const [gateway, first] = manifests('blue')
  const plan = planAfterSwitch(manifests('blue'), [gateway, first] as KubeObject[])
  expect(planLines(plan)).toEqual(['update Service default/gateway', 'delete Deployment default/gate-green'])
})
