import type { BuildFact, OpenPoint, Place, SyncFact } from '../facts.ts'

/** A port of a container and, if it is published, of the machine. */
export interface ComposePort {
  readonly local: number | undefined
  readonly remote: number
  readonly protocol: string
}

/** What is mounted into a container. */
export interface ComposeMount {
  /** `anonymous`: a volume without a name, which often hides a folder of a bind mount. */
  readonly type: 'bind' | 'volume' | 'anonymous' | 'tmpfs'
  /** A path of the repository, or the name of a volume; undefined where it is outside of the repository. */
  readonly source: string | undefined
  /** As written. */
  readonly written: string
  readonly target: string
  readonly readOnly: boolean
}

/** A health check, in seconds. */
export interface ComposeHealth {
  readonly command: readonly string[]
  readonly interval: number | undefined
  readonly timeout: number | undefined
  readonly retries: number | undefined
  readonly start: number | undefined
}

/** A service of Compose with everything that devk reads. Paths are relative to the repository. */
export interface ComposeService {
  readonly name: string
  readonly place: Place
  readonly image: string | undefined
  readonly build: BuildFact | undefined
  /** Replaces the entry point of the image. */
  readonly entrypoint: readonly string[] | undefined
  readonly command: readonly string[] | undefined
  /** Without variables that have no value in the files. */
  readonly environment: Readonly<Record<string, string>>
  readonly envFiles: readonly string[]
  readonly ports: readonly ComposePort[]
  /** Ports that only other services use. */
  readonly expose: readonly number[]
  readonly mounts: readonly ComposeMount[]
  readonly dependsOn: readonly { readonly name: string; readonly completed: boolean }[]
  readonly health: ComposeHealth | undefined
  /** From `develop.watch`. */
  readonly watch: { readonly sync: readonly SyncFact[]; readonly rebuild: readonly string[] }
  readonly replicas: number | undefined
  readonly resources: {
    readonly limits: Readonly<Record<string, string>>
    readonly reservations: Readonly<Record<string, string>>
  }
  readonly restart: string | undefined
  readonly user: string | undefined
  readonly workdir: string | undefined
  readonly profiles: readonly string[]
  /** Names of the sections of the service that devk knows no counterpart for. */
  readonly other: readonly string[]
  /** What devk cannot take over. */
  readonly open: readonly OpenPoint[]
  /** Variables without a value. */
  readonly unset: readonly OpenPoint[]
}
