import type { ImageInfo } from '../../engine/image-api.ts'
import type { RegistryImage } from '../../images/registry/content.ts'
import { splitReference } from '../../lib/image-reference.ts'
import { delve, labels, supervisor } from '../../lib/keys.ts'

/** What is known about one project. */
export interface ProjectUse {
  readonly name: string
  /** Whether its cluster does not exist: it was never created, or someone else deleted it. */
  readonly gone: boolean
  /**
   * All objects of its cluster that name images, as text. undefined if the cluster does not answer; all its images then
   * count as used.
   */
  readonly uses: string | undefined
}

/** Everything that the decision depends on. */
export interface PruneFacts {
  readonly projects: readonly ProjectUse[]
  /** Images on the engine with the label of a project. */
  readonly images: readonly ImageInfo[]
  readonly registry: readonly RegistryImage[]
}

/** What no project uses any longer. */
export interface PrunePlan {
  readonly projects: readonly string[]
  readonly images: readonly { readonly reference: string; readonly bytes: number }[]
  /** References to delete from the registry. */
  readonly registry: readonly string[]
}

/**
 * Decides what can be removed. An image is used if the cluster of its project names it, in a pod or in a revision that
 * a rollback would run. Pure.
 */
export function planPrune({ projects, images, registry }: PruneFacts): PrunePlan {
  const known = new Map(projects.map((project) => [project.name, project]))
  const isUnused = (reference: string, own: Labels) => {
    const project = projectOf(reference, own)
    if (project === undefined) return false
    const use = known.get(project)
    // The project may have its record in another state folder, so its images are left alone.
    if (use === undefined) return false
    return use.gone || (use.uses !== undefined && !use.uses.includes(reference))
  }
  return {
    projects: projects.filter(({ gone }) => gone).map(({ name }) => name),
    images: images.flatMap(({ tags, labels: own, ownSize = 0 }) => {
      const unused = tags.filter((tag) => isUnused(tag, own))
      // Removing the last name of an image frees its disk space.
      const last = unused.length === tags.length ? unused.length - 1 : -1
      return unused.map((reference, i) => ({ reference, bytes: i === last ? ownSize : 0 }))
    }),
    registry: registry
      .filter(({ reference, labels: own }) => isUnused(reference, own) || isForgotten(reference, own, projects))
      .map(({ reference }) => reference),
  }
}

/**
 * Whether no project needs a tag of the registry: another tool pushed it, and no cluster runs it. A cluster that does
 * not answer may run it.
 */
function isForgotten(reference: string, own: Labels, projects: readonly ProjectUse[]): boolean {
  if (projectOf(reference, own) !== undefined) return false
  // Nodes may know the registry by another name than this machine does.
  const path = reference.slice(reference.indexOf('/') + 1)
  return projects.every(({ gone, uses }) => gone || (uses !== undefined && !uses.includes(`/${path}`)))
}

type Labels = Readonly<Record<string, string>>

/**
 * The project of an image that devk built. An image that is built from it inherits the labels, but has another name.
 */
function projectOf(reference: string, own: Labels): string | undefined {
  const { [labels.project]: project, [labels.service]: service, [labels.external]: external } = own
  const { repo } = splitReference(reference)
  const owner = service ?? external
  const names = owner === undefined ? [supervisor.image, delve.image] : [owner]
  return names.some((name) => repo.endsWith(`/${project}/${name}`)) ? project : undefined
}
