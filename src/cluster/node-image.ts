import { inRange } from '../lib/version.ts'

/** The newest Kubernetes that starts on cgroup v1. 1.35 and newer refuse to start there. */
export const newestKubernetesOnCgroup1 = 'v1.34.4'
/** The node image that the kit builds. */
export const kitImage = `kindest/node:${newestKubernetesOnCgroup1}`

/** Published node images, newest first, with the kind version whose default they are. */
const published: readonly { readonly kind: string; readonly minor: number; readonly image: string }[] = [
  {
    kind: '0.30.0',
    minor: 34,
    image: 'kindest/node:v1.34.0@sha256:7416a61b42b1662ca6ca89f02028ac133a309a2a30ba309614e8ec94d976dc5a',
  },
]

/** Minor version of the newest Kubernetes that starts on cgroup v1. */
const newestOnCgroup1 = 34

/** What decides about the node image. */
export interface NodeImageFacts {
  readonly cgroupVersion: '1' | '2'
  /** `0.30.0` */
  readonly kindVersion: string
  /** Whether the engine has this image. An existing image is preferred to one that must be pulled. */
  readonly present?: (image: string) => boolean
}

/**
 * The node image for this machine: the newest that kind and the kernel can run, pinned by digest, or that of the kit.
 */
export function nodeImageFor({ cgroupVersion, kindVersion, present = () => false }: NodeImageFacts): string {
  const fitting = published.filter(
    ({ kind, minor }) => inRange(kindVersion, `>=${kind}`) && (cgroupVersion === '2' || minor <= newestOnCgroup1),
  )
  const images = [...fitting.map(({ image }) => image), kitImage]
  const existing = images.find(present)
  if (existing !== undefined) return existing
  // Machines with cgroup v1 are mostly old and without access to a registry. There a pull fails, but the kit can build
  // its image.
  return cgroupVersion === '1' ? kitImage : (images[0] ?? kitImage)
}

/**
 * The version of Kubernetes that a cluster will have, as far as the configuration tells; else that of the node image of
 * the kit. Pure.
 */
export function plannedVersion(cluster: {
  readonly image?: string | undefined
  readonly kubernetesVersion?: string | undefined
}): string {
  const [, tag] = /:(v\d+\.\d+\.\d+)/.exec(cluster.image ?? '') ?? []
  return cluster.kubernetesVersion ?? tag ?? newestKubernetesOnCgroup1
}
