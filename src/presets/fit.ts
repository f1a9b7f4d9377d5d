import { DevkError } from '../errors.ts'
import { inRange } from '../lib/version.ts'
import type { RenderedObject } from '../manifests/rendered.ts'
import { placeOf } from '../manifests/rendered.ts'
import { containersOf, podTemplate } from '../manifests/workload.ts'
import type { Preset } from './folder.ts'

/**
 * Checks that all presets support the Kubernetes version of the cluster, such as v1.34.4. Throws CONFIG_INVALID with
 * the range of each preset that does not.
 */
export function requireVersions(presets: readonly Preset[], version: string): void {
  const unsupported = presets.filter(({ kubernetes }) => !inRange(version, kubernetes))
  if (unsupported.length === 0) return
  throw new DevkError('CONFIG_INVALID', `Not all presets support Kubernetes ${version}, which the cluster runs`, {
    details: [
      ...unsupported.map(({ name, kubernetes }) => `${name} supports ${kubernetes}`),
      'No preset was installed.',
    ],
    hint: 'Choose another node image (cluster.image), or remove these presets from the configuration.',
  })
}

/**
 * Checks that every image of a preset has a digest or a tag other than `latest`. Throws CONFIG_INVALID with the
 * position of each image that has not.
 */
export function requirePinned(preset: Preset, objects: readonly RenderedObject[]): void {
  const problems = objects.flatMap(({ object, origin }) => {
    const template = podTemplate(object)
    const images = template === undefined ? [] : containersOf(template).map(({ image = '' }) => image)
    return images.filter((image) => !isPinned(image)).map((image) => `${placeOf(origin)}: ${image || 'no image'}`)
  })
  if (problems.length === 0) return
  throw new DevkError('CONFIG_INVALID', `The preset ${preset.name} has images that are not pinned`, {
    details: [...problems, 'Nothing was changed.'],
    hint: 'Give each image a version as its tag, or a digest, such as image: example/mail:1.4.2',
  })
}

function isPinned(image: string): boolean {
  if (/@sha256:[0-9a-f]{64}$/.test(image)) return true
  const tag = /:([^/:]+)$/.exec(image)?.[1]
  return tag !== undefined && tag !== 'latest'
}
