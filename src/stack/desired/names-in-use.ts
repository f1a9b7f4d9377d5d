import { imagesAt } from '../../manifests/image-fields.ts'
import { containersOf, podTemplate } from '../../manifests/workload.ts'
import type { DesiredInput } from './configured.ts'

/**
 * The images of the services. An image with several names keeps the one that runs: with another name for the same
 * content, every pod would restart.
 */
export function namesInUse({ config, images, names, existing }: DesiredInput): Readonly<Record<string, string>> {
  if (names === undefined || names.size === 0 || existing === undefined) return images
  const objects = [...existing.values()]
  const templates = objects.flatMap((object) => podTemplate(object) ?? [])
  const running = new Set([
    ...templates.flatMap((template) => containersOf(template).map(({ image }) => image)),
    ...objects.flatMap((object) => imagesAt(object, config.deploy.images)),
  ])
  const inUse = (owner: string, image: string) =>
    running.has(image) ? image : (names.get(owner)?.find((name) => running.has(name)) ?? image)
  return Object.fromEntries(Object.entries(images).map(([owner, image]) => [owner, inUse(owner, image)]))
}
