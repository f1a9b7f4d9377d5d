import type { KubeObject } from '../../kube/api.ts'
import type { FoundChart, FoundKustomization } from '../../scan/found.ts'

/** Something that can be deployed by itself, and what it renders. */
export interface Unit {
  readonly kind: 'kustomize' | 'helm' | 'manifests'
  /** The folder of a kustomization or chart, or a file of manifests. */
  readonly path: string
  /** Of a chart. */
  readonly release?: Release
  /** Of a kustomization: others on the same base, any of which could be deployed in its place. */
  readonly overlays?: readonly string[]
  /** What it renders; where it could not be rendered, what its files tell. */
  readonly objects: readonly KubeObject[]
  /** Why it could not be rendered, as a sentence. */
  readonly problem: string | undefined
  /** Whether only a program is missing that renders it. */
  readonly lacksTool?: boolean
}

/** A release of a chart, as the configuration names it. */
export interface Release {
  readonly name: string
  readonly values: readonly string[]
  readonly set: Readonly<Record<string, string | number | boolean | null>>
}

/** What the user chose with flags; an empty list means no choice. */
export interface Wanted {
  readonly manifests: readonly string[]
  readonly kustomize: readonly string[]
  readonly charts: readonly string[]
  readonly values: readonly string[]
  /** By the folder of a chart, what the files of other tools say about its release. */
  readonly releases?: ReadonlyMap<string, Release>
}

/** A kustomization that stands for its family: all that share a base. */
export interface Family {
  readonly chosen: FoundKustomization
  readonly others: readonly FoundKustomization[]
}

/** A chart and the release to render. */
export interface ChartRelease {
  readonly chart: FoundChart
  readonly release: Release
}
