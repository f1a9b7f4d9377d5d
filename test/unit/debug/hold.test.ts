import { expect, test } from 'vitest'
import { debugNote, isHeld, isMarked, planHold, planRelease } from '../../../src/debug/hold.ts'
import type { KubeObject } from '../../../src/kube/api.ts'
import { annotations, labels } from '../../../src/lib/keys.ts'
import { compare } from '../../../src/stack/compare.ts'
import type { DesiredObject } from '../../../src/stack/desired/configured.ts'
import { isOurs } from '../../../src/stack/observed.ts'
import type { Plan } from '../../../src/stack/plan.ts'

const probe = { httpGet: { path: '/', port: 80 } }
const spec = {
  replicas: 3,
  template: {
    spec: {
      containers: [
        { name: 'web', image: 'web:1', livenessProbe: probe, startupProbe: probe, readinessProbe: probe },
        { name: 'proxy', image: 'proxy:1', livenessProbe: probe },
      ],
    },
  },
}
const containers = {
  'k:{"name":"web"}': {},
  'k:{"name":"proxy"}': {},
}
const fieldsV1 = {
  'f:metadata': { 'f:labels': { [`f:${labels.hash}`]: {} } },
  'f:spec': { 'f:replicas': {}, 'f:template': { 'f:spec': { 'f:containers': containers } } },
}
const workload: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    ...{ name: 'web', namespace: 'shop', uid: 'u', labels: { [labels.hash]: 'h' } },
    managedFields: [{ manager: 'devk', operation: 'Apply', fieldsV1 }],
  },
  spec: { ...spec, template: { ...spec.template, status: 'not applied by devk' } },
}
const written = ({ actions }: Plan) => {
  const [action] = actions
  if (action?.do !== 'update') throw new Error(`${action?.do} is no update`)
  return action.wanted.object
}
/** As the cluster has it after the write. */
const live = (object: KubeObject): KubeObject => {
  const { managedFields = [] } = workload.metadata
  return { ...object, metadata: { ...object.metadata, managedFields } }
}

test('a held workload has one replica and no probe that restarts its container; other containers stay', () => {
  const held = written(planHold(workload, 'web'))
  expect(held.metadata.uid).toBe('u')
  const [web, proxy] = spec.template.spec.containers
  const { livenessProbe: _, startupProbe: __, ...kept } = web as Record<string, unknown>
  expect(held.spec).toEqual({ replicas: 1, template: { spec: { containers: [kept, proxy] } } })
  expect([isHeld(workload, 'web'), isHeld(held, 'web'), isHeld(held, 'proxy')]).toEqual([false, true, false])
  expect([isMarked(workload), isMarked(held)]).toEqual([false, true])
  expect([debugNote(workload.metadata.annotations), debugNote(held.metadata.annotations)]).toEqual([
    undefined,
    expect.stringContaining('debug session'),
  ])
})

test('the next up finds a held workload among its own, and takes the change back', () => {
  const own = {
    ...workload,
    metadata: { ...workload.metadata, labels: { [labels.project]: 'shop', [labels.hash]: 'h' } },
  }
  const fields = { 'f:labels': { [`f:${labels.hash}`]: {}, [`f:${labels.project}`]: {} } }
  const managedFields = [{ manager: 'devk', operation: 'Apply', fieldsV1: { ...fieldsV1, 'f:metadata': fields } }]
  const applied = { ...own, metadata: { ...own.metadata, managedFields } }
  const held = live(written(planHold(applied, 'web')))
  expect(isOurs(held, 'shop')).toBe(true)
  const wanted = { object: written(planRelease(held)), source: 'k8s/web.yaml' } as unknown as DesiredObject
  const { actions } = compare([wanted], { ours: [held], others: new Map() }, { pruneData: false })
  expect(actions).toMatchObject([{ do: 'update' }])
})

test('the release gives back what devk had applied, also after two sessions of which the first was killed', () => {
  const first = live(written(planHold(workload, 'web')))
  const second = live(written(planHold(first, 'web')))
  for (const held of [first, second]) {
    const released = written(planRelease(held))
    expect(released.spec).toEqual(spec)
    expect(released.metadata).toEqual({ name: 'web', namespace: 'shop', uid: 'u', labels: { [labels.hash]: 'h' } })
  }
  expect(planRelease(workload)).toEqual({ actions: [] })
})

test('a workload of devk alone is held, and a note that describes another object is not applied', () => {
  const { managedFields: _, ...metadata } = workload.metadata
  expect(() => planHold({ ...workload, metadata }, 'web')).toThrow(expect.objectContaining({ code: 'OBJECT_FOREIGN' }))
  const other = JSON.stringify({ ...workload, metadata: { name: 'other', namespace: 'shop' } })
  for (const text of [other, '{', '3', '{}']) {
    const noted = { ...workload, metadata: { ...workload.metadata, annotations: { [annotations.debug]: text } } }
    expect(planRelease(noted)).toEqual({ actions: [] })
    expect(isMarked(noted)).toBe(false)
  }
})

test('a workload without replicas of its own keeps those of its autoscaler', () => {
  const { replicas: _, ...others } = spec
  expect(written(planHold({ ...workload, spec: others }, 'web')).spec).not.toHaveProperty('replicas')
})
