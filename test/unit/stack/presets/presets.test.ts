import { expect, test } from 'vitest'
import type { KubeObject } from '../../../../src/kube/api.ts'
import type { RenderedObject } from '../../../../src/manifests/rendered.ts'
import type { Preset } from '../../../../src/presets/folder.ts'
import { renderPreset } from '../../../../src/presets/render.ts'
import {
  installPreset,
  observePresets,
  ownParts,
  type PresetPart,
  presetPlan,
} from '../../../../src/stack/presets/presets.ts'
import { prunePresets } from '../../../../src/stack/presets/prune.ts'
import { type FakeKube, fakeKube } from '../../../fakes/kube.ts'

const { signal } = new AbortController()
const context = { project: 'todo', images: new Map<string, string>(), portNode: undefined }

function part(name: string, namespace: string, objects: readonly KubeObject[] = [settings(name)]): PresetPart {
  const preset = { name, namespace, version: '1', needs: [], wait: [] } as unknown as Preset
  const written = objects.map((object) => ({ object, origin: { file: `${name}.yaml`, line: 1 } }))
  return { preset, objects: renderPreset(preset, written, context) }
}

function settings(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { of: name } }
}

/** A server that records the field manager, as the real one does. */
function server(objects: readonly KubeObject[] = []): FakeKube {
  const onApply = (object: KubeObject) => ({
    ...object,
    metadata: { ...object.metadata, managedFields: [{ manager: 'devk', operation: 'Apply' }] },
  })
  const kube = fakeKube({ objects, onApply })
  // The fake has no field selectors, which select warning events; there are none here.
  const watch: FakeKube['watch'] = (kind, options, onEvent) =>
    kind.kind === 'Event' ? Promise.resolve() : kube.watch(kind, options, onEvent)
  return { ...kube, watch }
}

async function install(kube: FakeKube, parts: readonly PresetPart[]): Promise<number> {
  const stack = await observePresets('todo', parts, { kube, signal })
  const deps = { kube, signal, timeoutMs: 5000, clock: Date.now, onEvent: () => {} }
  let written = 0
  for (const each of ownParts(parts)) written += await installPreset(stack, presetPlan(stack, each), deps)
  return written + (await prunePresets(stack, { ...deps, pruneData: false }))
}

const namespace = (name: string, labels: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, uid: `uid-${name}`, labels },
})
const at = (kind: string, name: string, space?: string) => ({
  apiVersion: 'v1',
  kind,
  name,
  ...(space === undefined ? {} : { namespace: space }),
})

test('a preset is installed into its namespace, and a second run writes nothing', async () => {
  const kube = server()
  expect(await install(kube, [part('mail', 'mail')])).toBe(2)
  expect(kube.peek(at('ConfigMap', 'mail', 'mail'))?.metadata.labels).toMatchObject({ 'devk.dev/preset': 'mail' })
  const before = kube.writes.length
  expect(await install(kube, [part('mail', 'mail')])).toBe(0)
  expect(kube.writes.slice(before)).toEqual([])
})

test('the objects of a removed preset are deleted, and no others', async () => {
  const kube = server()
  await install(kube, [part('mail', 'mail'), part('cache', 'cache')])
  await install(kube, [part('cache', 'cache')])
  expect(kube.peek(at('ConfigMap', 'mail', 'mail'))).toBeUndefined()
  expect(kube.peek(at('Namespace', 'mail'))).toBeUndefined()
  expect(kube.peek(at('ConfigMap', 'cache', 'cache'))).toBeDefined()
})

test('a namespace is kept while it contains other objects, and is not counted as deleted', async () => {
  const kube = server()
  await install(kube, [part('mail', 'mail')])
  kube.put({ ...settings('mine'), metadata: { name: 'mine', namespace: 'mail' } })
  expect(await install(kube, [])).toBe(1)
  expect(kube.peek(at('ConfigMap', 'mail', 'mail'))).toBeUndefined()
  expect(kube.peek(at('Namespace', 'mail'))).toBeDefined()
})

test('a namespace that two presets share is kept until both are removed', async () => {
  const kube = server()
  const both = [part('prometheus', 'monitoring'), part('grafana', 'monitoring')]
  expect(await install(kube, both)).toBe(3)
  await install(kube, both.slice(1))
  expect(kube.peek(at('Namespace', 'monitoring'))?.metadata.labels).toMatchObject({ 'devk.dev/preset': 'grafana' })
  expect(kube.peek(at('ConfigMap', 'prometheus', 'monitoring'))).toBeUndefined()
})

test('a foreign namespace is refused before anything is applied', async () => {
  const kube = server([namespace('mail')])
  await expect(install(kube, [part('mail', 'mail')])).rejects.toMatchObject({
    code: 'OBJECT_FOREIGN',
    details: ['Namespace mail was not created for this project', 'Nothing was changed.'],
  })
  expect(kube.writes).toEqual([])
})

test('the namespace of the project is used', async () => {
  const kube = server([namespace('mail', { 'devk.dev/project': 'todo' })])
  expect(await install(kube, [part('mail', 'mail')])).toBe(1)
})

test('a foreign object is refused before anything is applied', async () => {
  const kube = server([{ ...settings('mail'), metadata: { name: 'mail', namespace: 'mail' } }])
  await expect(install(kube, [part('mail', 'mail')])).rejects.toMatchObject({ code: 'OBJECT_FOREIGN' })
  expect(kube.writes).toEqual([])
})

/** What each half of a preset would do. */
async function halves(kube: FakeKube, one: PresetPart): Promise<string[][]> {
  const stack = await observePresets('todo', [one], { kube, signal })
  return (['definitions', 'rest'] as const).map((half) =>
    presetPlan(stack, one, half).plan.actions.map(
      (action) => `${action.do} ${'wanted' in action ? action.wanted.object.kind : ''}`,
    ),
  )
}

test('namespaces and definitions have a plan of their own', async () => {
  expect(await halves(server(), part('mail', 'mail'))).toEqual([['create Namespace'], ['create ConfigMap']])
})

test('classes are applied with the definitions, because an Ingress gets its default class only when it is created', async () => {
  const nginx: KubeObject = { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name: 'nginx' } }
  const [definitions] = await halves(server(), part('ingress', 'ingress-nginx', [nginx, settings('ingress')]))
  expect(definitions).toEqual(['create Namespace', 'create IngressClass'])
})

/** A preset that is a chart with a hook, which is deleted when it has run, and with a generated password. */
function chart(version: string, password: string): PresetPart {
  const hook = { events: ['pre-install', 'pre-upgrade'], weight: 0, deletion: ['hook-succeeded'] } as const
  const secret = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'password' }, data: { password } }
  const origin = { file: 'mail (helm)', line: undefined }
  const release = { name: 'mail/mail' }
  const generated = [{ path: ['data', 'password'], value: password, other: `${password}-2` }]
  const preset = { name: 'mail', namespace: 'mail', version: '1', needs: [], wait: [] } as unknown as Preset
  const written: RenderedObject[] = [
    { object: settings('prepare'), origin, release: { ...release, hook } },
    { object: { ...settings('mail'), data: { version } }, origin, release },
    { object: secret, origin, release, generated },
  ]
  return { preset, objects: renderPreset(preset, written, context) }
}

test('hooks of a chart run when it is installed and upgraded, and generated values stay', async () => {
  const kube = server()
  const ran = () => kube.writes.filter((write) => JSON.stringify(write).includes('prepare')).length
  const password = () => kube.peek(at('ConfigMap', 'password', 'mail'))?.data
  await install(kube, [chart('1', 'first')])
  const [once, before] = [ran(), kube.writes.length]
  expect(once).toBeGreaterThan(0)
  expect(kube.peek(at('ConfigMap', 'prepare', 'mail'))).toBeUndefined()
  expect(await install(kube, [chart('1', 'second')])).toBe(0)
  expect([kube.writes.length, password()]).toEqual([before, { password: 'first' }])
  await install(kube, [chart('2', 'third')])
  expect([ran() > once, password()]).toEqual([true, { password: 'first' }])
})

test('a chart that was removed is installed again, with its hooks', async () => {
  const kube = server()
  const record = { apiVersion: 'v1', kind: 'ConfigMap', name: 'devk-todo-releases.mail', namespace: 'devk-system' }
  await install(kube, [chart('1', 'first')])
  expect(kube.peek(record)).toBeDefined()
  await install(kube, [])
  expect([kube.peek(record), kube.peek(at('ConfigMap', 'mail', 'mail'))]).toEqual([undefined, undefined])
  const before = kube.writes.length
  await install(kube, [chart('1', 'second')])
  expect(JSON.stringify(kube.writes.slice(before))).toContain('prepare')
})
