import { byCodeUnits } from '../../lib/order.ts'
import type { Origin } from '../../manifests/rendered.ts'
import type { TransformedObject } from '../../manifests/transform.ts'
import { containersOf, podTemplate, startFromNode, withPodTemplate } from '../../manifests/workload.ts'

/** An image that devk does not build. */
export interface ForeignImage {
  readonly reference: string
  /** The first manifest that names it. */
  readonly origin: Origin
  /** Whether every pod that uses it has imagePullSecrets. */
  readonly login: boolean
  /** Whether devk brings it to the nodes. */
  readonly loaded: boolean
}

type Entry = Pick<TransformedObject, 'object' | 'origin' | 'images'>

/** Whether devk brings an image that it does not build to the nodes. */
export type Loads = (image: Pick<ForeignImage, 'reference' | 'login'>) => boolean

/** The images of these objects without those that are built, by reference. */
export function foreignImages(
  objects: readonly Entry[],
  built: ReadonlySet<string>,
  loads: Loads = () => false,
): ForeignImage[] {
  const found = new Map<string, Omit<ForeignImage, 'loaded'>>()
  for (const { object, origin, images = [] } of objects) {
    const template = podTemplate(object)
    const secrets = template?.spec.imagePullSecrets
    const login = Array.isArray(secrets) && secrets.length > 0
    const inPods = template === undefined ? [] : containersOf(template).map(({ image }) => image)
    for (const image of [...inPods, ...images]) {
      if (image === undefined || built.has(image)) continue
      const known = found.get(image)
      found.set(
        image,
        known === undefined ? { reference: image, origin, login } : { ...known, login: known.login && login },
      )
    }
  }
  const images = [...found.values()].map((image): ForeignImage => ({ ...image, loaded: loads(image) }))
  return images.sort((a, b) => byCodeUnits(a.reference, b.reference))
}

/** The objects, with containers that start from the images that devk brings to the nodes. */
export function startingFromNodes<T extends Entry>(objects: readonly T[], images: readonly ForeignImage[]): T[] {
  const loaded = new Set(images.flatMap((image) => (image.loaded ? image.reference : [])))
  return objects.map((entry) => {
    const template = podTemplate(entry.object)
    if (template === undefined || !containersOf(template).some(({ image = '' }) => loaded.has(image))) return entry
    const object = withPodTemplate(entry.object, (copy) => {
      for (const container of containersOf(copy)) if (loaded.has(container.image ?? '')) startFromNode(container)
    })
    return { ...entry, object }
  })
}
