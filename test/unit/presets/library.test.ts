import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { bytesOf, milliCpuOf } from '../../../src/lib/quantity.ts'
import { type Container, containersOf, type PodTemplate, podTemplate } from '../../../src/manifests/workload.ts'
import { builtInNames, type Preset, readBuiltIn, readLock } from '../../../src/presets/folder.ts'
import { presetManifests } from '../../../src/presets/manifests.ts'

const library = fileURLToPath(new URL('../../../presets/', import.meta.url))
const names = await builtInNames(library)
const presets = await readBuiltIn(library, names)
const written = new Map(
  await Promise.all(presets.map(async (preset) => [preset, await presetManifests(preset, names)] as const)),
)
const objectsOf = (preset: Preset) => Promise.resolve(written.get(preset) ?? [])
const templatesOf = async (preset: Preset) =>
  (await objectsOf(preset)).flatMap(({ object }) => podTemplate(object) ?? [])
const containers = async (preset: Preset) => (await templatesOf(preset)).flatMap(containersOf)

test('each folder has a preset of its name', () => {
  const folders = readdirSync(library, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  expect(presets.map(({ name }) => name)).toEqual(folders.map(({ name }) => name).sort())
})

test('the lock file has each image of the presets once, with its digest if it is known', async () => {
  const lock = await readLock(library)
  const images = new Set(presets.flatMap((preset) => preset.images.map(({ image }) => image)))
  expect(Object.keys(lock)).toEqual([...images].sort())
  expect(Object.values(lock).filter((digest) => digest !== null && !/^sha256:[0-9a-f]{64}$/.test(digest))).toEqual([])
  const traefik = presets.find(({ name }) => name === 'ingress')?.images[0]
  expect(traefik?.digest).toBe(lock[traefik?.image ?? ''])
})

test('all presets together request at most 1.5 GiB', () => {
  const full = presets.filter(({ profiles }) => profiles.includes('full'))
  const sum = full.reduce((all, { resources }) => all + bytesOf(resources?.memory ?? '0'), 0)
  expect(full.map(({ name }) => name)).toEqual(expect.arrayContaining(['grafana', 'jaeger', 'logging', 'prometheus']))
  expect(sum).toBeLessThanOrEqual(1.5 * 1024 ** 3)
})

test.each(presets.map((preset) => [preset.name, preset] as const))('the preset %s is valid', async (_name, preset) => {
  expect(preset.needs.filter((name) => !names.includes(name))).toEqual([])
  const forwards = preset.ports.map(({ name }) => name)
  expect(preset.urls.filter(({ forward }) => forward !== undefined && !forwards.includes(forward))).toEqual([])
  const objects = await objectsOf(preset)
  expect(objects.filter(({ object }) => object.kind === 'Namespace')).toEqual([])
  const images = (await containers(preset)).map(({ image }) => image)
  expect([...new Set(images)].sort()).toEqual(preset.images.map(({ image }) => image).sort())
  for (const { available, reason, get } of preset.images) {
    if (!available) expect([reason, get]).not.toContain(undefined)
  }
  expect(await requests(preset)).toEqual(
    preset.resources && { cpu: milliCpuOf(preset.resources.cpu), memory: bytesOf(preset.resources.memory) },
  )
  for (const container of await containers(preset)) {
    expect([container.name, container.imagePullPolicy]).toEqual([container.name, 'IfNotPresent'])
    expect([container.name, limitOf(container)]).not.toEqual([container.name, undefined])
  }
  for (const template of await templatesOf(preset)) {
    const watched = template.spec.containers.filter((container) => container.readinessProbe !== undefined)
    expect(watched).not.toEqual([])
  }
})

async function requests(preset: Preset): Promise<{ cpu: number; memory: number } | undefined> {
  const templates = await templatesOf(preset)
  if (templates.length === 0) return undefined
  const all = templates.flatMap(({ spec }: PodTemplate) => spec.containers.map(requestOf))
  return {
    cpu: all.reduce((sum, { cpu }) => sum + milliCpuOf(cpu), 0),
    memory: all.reduce((sum, { memory }) => sum + bytesOf(memory), 0),
  }
}

interface Resources {
  readonly requests?: { readonly cpu?: string; readonly memory?: string }
  readonly limits?: { readonly memory?: string }
}

function requestOf(container: Container): { cpu: string; memory: string } {
  const { requests: asked } = (container.resources ?? {}) as Resources
  return { cpu: asked?.cpu ?? '0', memory: asked?.memory ?? '0' }
}

function limitOf(container: Container): string | undefined {
  return ((container.resources ?? {}) as Resources).limits?.memory
}
