import type { ImageInfo } from '../../engine/image-api.ts'
import type { RegistryImage } from '../../images/registry/content.ts'
import { splitReference } from '../../lib/image-reference.ts'
import { labels } from '../../lib/keys.ts'

/** What is known of one project. */
export interface ProjectUse {
  readonly name: string
  /** Its cluster is gone; it was never made, or someone else removed it. */
  readonly gone: boolean
  /** All that its cluster says of images, as text; undefined when it cannot be asked, and then everything of it counts as used. */
  readonly uses: string | undefined
}

export interface PruneFacts {
  readonly projects: readonly ProjectUse[]
  /** Images of the engine that carry the label of a project. */
  readonly images: readonly ImageInfo[]
  readonly registry: readonly RegistryImage[]
}

/** What no project uses any more. */
export interface PrunePlan {
  readonly projects: readonly string[]
  readonly images: readonly { readonly reference: string; readonly bytes: number }[]
  /** References to take out of the registry. */
  readonly registry: readonly string[]
}

/** Decides what can go. An image is used when its project's cluster names it, in what runs now or what it can be rolled back to. Pure. */
export function planPrune({ projects, images, registry }: PruneFacts): PrunePlan {
  const known = new Map(projects.map((project) => [project.name, project]))
  const isUnused = (reference: string, own: Labels) => {
    const project = projectOf(reference, own)
    if (project === undefined) return false
    const use = known.get(project)
    // Recorded in another state folder, if at all: nobody here can speak for it.
    if (use === undefined) return false
    return use.gone || (use.uses !== undefined && !use.uses.includes(reference))
  }
  return {
    projects: projects.filter(({ gone }) => gone).map(({ name }) => name),
    images: images.flatMap(({ tags, labels: own, ownSize = 0 }) => {
      const unused = tags.filter((tag) => isUnused(tag, own))
      // The room is freed with the last of its names.
      const last = unused.length === tags.length ? unused.length - 1 : -1
      return unused.map((reference, i) => ({ reference, bytes: i === last ? ownSize : 0 }))
    }),
    registry: registry
      .filter(({ reference, labels: own }) => isUnused(reference, own))
      .map(({ reference }) => reference),
  }
}

type Labels = Readonly<Record<string, string>>

/** The project of an image that devk built. Images that others build from one inherit its labels, but not its name. */
function projectOf(reference: string, own: Labels): string | undefined {
  const { [labels.project]: project, [labels.service]: service, [labels.external]: external } = own
  const { repo } = splitReference(reference)
  return repo.endsWith(`/${project}/${service ?? external}`) ? project : undefined
}
