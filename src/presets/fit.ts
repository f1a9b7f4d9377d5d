import { DevkError } from '../errors.ts'
import { inRange } from '../lib/version.ts'
import type { RenderedObject } from '../manifests/rendered.ts'
import { placeOf } from '../manifests/rendered.ts'
import { containersOf, podTemplate } from '../manifests/workload.ts'
import type { Preset } from './folder.ts'

/** Throws CONFIG_INVALID when presets do not run on this version of Kubernetes, such as v1.34.4; names each with its range. */
export function requireVersions(presets: readonly Preset[], version: string): void {
  const misfits = presets.filter(({ kubernetes }) => !inRange(version, kubernetes))
  if (misfits.length === 0) return
  throw new DevkError('CONFIG_INVALID', `The cluster's Kubernetes ${version} does not fit all presets`, {
    details: [...misfits.map(({ name, kubernetes }) => `${name} runs on ${kubernetes}`), 'No preset was installed.'],
    hint: 'Choose another node image (cluster.image), or take these presets out of the configuration.',
  })
}

/** Throws CONFIG_INVALID when an image has neither a digest nor a tag that stays, with the place of each. */
export function requirePinned(preset: Preset, objects: readonly RenderedObject[]): void {
  const problems = objects.flatMap(({ object, origin }) => {
    const template = podTemplate(object)
    const images = template === undefined ? [] : containersOf(template).map(({ image = '' }) => image)
    return images.filter((image) => !isPinned(image)).map((image) => `${placeOf(origin)}: ${image || 'no image'}`)
  })
  if (problems.length === 0) return
  throw new DevkError('CONFIG_INVALID', `The preset ${preset.name} has images that are not pinned`, {
    details: [...problems, 'Nothing was changed.'],
    hint: 'Give each a version as its tag, or a digest: image: example/mail:1.4.2',
  })
}

function isPinned(image: string): boolean {
  if (/@sha256:[0-9a-f]{64}$/.test(image)) return true
  const tag = /:([^/:]+)$/.exec(image)?.[1]
  return tag !== undefined && tag !== 'latest'
}
