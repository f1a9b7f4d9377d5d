import type { Repository } from '../facts.ts'

/** Where calls of a Tiltfile stand. */
export interface Site {
  readonly file: string
  readonly folder: string
  /** Helm repositories by name. */
  readonly repos: ReadonlyMap<string | undefined, string | undefined>
  readonly repository: Repository
}
