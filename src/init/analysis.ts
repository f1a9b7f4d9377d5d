import type { Found } from '../scan/found.ts'
import type { Proposal } from './propose/propose.ts'

/** What `devk init --analyze` prints: what was found, and what would be written. */
export interface Analysis {
  readonly dockerfiles: readonly {
    readonly file: string
    readonly context: string
    readonly stages: readonly string[]
    readonly variants: readonly string[]
  }[]
  readonly kustomizations: readonly string[]
  readonly charts: readonly { readonly folder: string; readonly name: string; readonly values: readonly string[] }[]
  readonly manifests: readonly {
    readonly file: string
    readonly objects: readonly string[]
    readonly problem?: string
  }[]
  readonly notes: readonly string[]
  /** Absent if there is nothing to deploy. */
  readonly proposal?: Proposal
}

/** The analysis of a repository, as data. Pure. */
export function analysisOf(found: Found, proposal: Proposal | undefined): Analysis {
  return {
    dockerfiles: found.dockerfiles.map(({ file, context, stages, variants }) => ({
      ...{ file, context, stages },
      variants: variants.map((each) => each.file),
    })),
    kustomizations: found.kustomizations.map(({ folder }) => folder),
    charts: found.charts,
    manifests: found.manifests.map(({ file, objects, problem }) => ({
      file,
      objects: objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`),
      ...(problem === undefined ? {} : { problem }),
    })),
    notes: found.notes,
    ...(proposal === undefined ? {} : { proposal }),
  }
}
