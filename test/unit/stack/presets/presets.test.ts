import { expect, test } from 'vitest'
import type { KubeObject } from '../../../../src/kube/api.ts'
import type { Preset } from '../../../../src/presets/folder.ts'
import { renderPreset } from '../../../../src/presets/render.ts'
import {
  inHalves,
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

test('namespaces and definitions have a plan of their own', async () => {
  const kube = server()
  const parts = [part('mail', 'mail')]
  const { definitions, rest } = inHalves(parts[0] as PresetPart)
  const stack = await observePresets('todo', parts, { kube, signal })
  const kinds = [definitions, rest].map((half) => presetPlan(stack, half).actions.map(({ do: what }) => what))
  expect(kinds).toEqual([['create'], ['create']])
})

test('classes are applied with the definitions, because an Ingress gets its default class only when it is created', () => {
  const nginx: KubeObject = { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name: 'nginx' } }
  const { definitions } = inHalves(part('ingress', 'ingress-nginx', [nginx, settings('ingress')]))
  expect(definitions.objects.map(({ object }) => object.kind)).toEqual(['Namespace', 'IngressClass'])
})
