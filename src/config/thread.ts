import type { Packed } from './packed.ts'

/** What the thread of an evaluation is told. */
export interface EvaluationInput {
  /** The script. */
  readonly file: string
  /** The local files that may run, each with the SHA-256 of its content. */
  readonly listed: ReadonlyMap<string, string>
  /** Folder of the cache of compiled code. undefined: there is none. */
  readonly cache: string | undefined
}

/** An error of a script. */
export interface ScriptFailure {
  readonly code?: string | undefined
  readonly message: string
  readonly stack: string
  /** Whether the script could not be parsed. */
  readonly isSyntax: boolean
}

/** What the thread tells: an import at any time, and at last one of the others. */
export type EvaluationMessage =
  | { readonly imports: string }
  | { readonly value: Packed }
  | { readonly unlisted: string }
  | { readonly failure: ScriptFailure }
  /** The script ends its process with this code. */
  | { readonly exits: number }
