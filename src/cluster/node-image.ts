import { inRange } from '../lib/version.ts'

/** The newest Kubernetes that is known to start on control groups v1; 1.35 and newer refuse to. */
export const newestKubernetesOnCgroup1 = 'v1.34.4'
/** The image that devk's kit builds where no registry can be reached. */
export const kitImage = `kindest/node:${newestKubernetesOnCgroup1}`

/** Published with kind 0.30, whose default it is; newest first when there are more. */
const published: readonly { readonly kind: string; readonly minor: number; readonly image: string }[] = [
  {
    kind: '0.30.0',
    minor: 34,
    image: 'kindest/node:v1.34.0@sha256:7416a61b42b1662ca6ca89f02028ac133a309a2a30ba309614e8ec94d976dc5a',
  },
]

/** Kubernetes 1.35 and newer refuse to start on control groups v1. */
const newestOnCgroup1 = 34

export interface NodeImageFacts {
  readonly cgroupVersion: '1' | '2'
  /** `0.30.0` */
  readonly kindVersion: string
  /** Whether the engine has this image already; one that is there is taken before one that must be fetched. */
  readonly present?: (image: string) => boolean
}

/** The node image that fits this machine: newest that kind and the kernel can run, pinned by digest, or the kit's. */
export function nodeImageFor({ cgroupVersion, kindVersion, present = () => false }: NodeImageFacts): string {
  const fitting = published.filter(
    ({ kind, minor }) => inRange(kindVersion, `>=${kind}`) && (cgroupVersion === '2' || minor <= newestOnCgroup1),
  )
  const images = [...fitting.map(({ image }) => image), kitImage]
  const there = images.find(present)
  if (there !== undefined) return there
  // Machines with control groups v1 are the old and closed ones: there the kit can build its image, a pull mostly fails.
  return cgroupVersion === '1' ? kitImage : (images[0] ?? kitImage)
}
