import type { KubeObject } from '../kube/api.ts'

/** A Dockerfile or Containerfile. Paths are relative to the repository, with slashes. */
export interface FoundDockerfile {
  readonly file: string
  readonly context: string
  /** The named stages, in order. */
  readonly stages: readonly string[]
  readonly text: string
  /** Other Dockerfiles of the same image, such as Dockerfile.dev. */
  readonly variants: readonly FoundDockerfile[]
  /** The name in the package.json beside it, without scope. */
  readonly packageName: string | undefined
}

/** A folder with a kustomization. */
export interface FoundKustomization {
  readonly folder: string
  /** Other folders and files that it uses. */
  readonly uses: readonly string[]
  /** No other kustomization uses it. */
  readonly isTop: boolean
}

/** A Helm chart that can be installed: no library and no part of another chart. */
export interface FoundChart {
  readonly folder: string
  readonly name: string
  /** Files with values beside values.yaml: `values-dev.yaml`. */
  readonly values: readonly string[]
}

/** A file of plain manifests, of no kustomization and no chart. */
export interface FoundManifest {
  readonly file: string
  /** What could be understood; everything, if there is no problem. */
  readonly objects: readonly KubeObject[]
  /** Why `up` would refuse the file, as a sentence. */
  readonly problem: string | undefined
}

/** The files of a repository from which a configuration can be written. */
export interface Found {
  /** All files, relative to the repository, with slashes. */
  readonly files: readonly string[]
  readonly dockerfiles: readonly FoundDockerfile[]
  readonly kustomizations: readonly FoundKustomization[]
  readonly charts: readonly FoundChart[]
  readonly manifests: readonly FoundManifest[]
  /** Other YAML and JSON that `up` would read if a folder of manifests were named. */
  readonly others: readonly string[]
  /** `.env.example` or a file with a similar name. */
  readonly envExample: string | undefined
  /** Whether there is an `.env`. */
  readonly env: boolean
  /** The variables that these two files define. */
  readonly variables: readonly string[]
  /** What could not be read, as sentences. */
  readonly notes: readonly string[]
}
