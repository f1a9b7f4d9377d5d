import { globSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { relative } from 'node:path'
import type { ConfigPath, Problem } from './problems.ts'
import type { LoadedConfig } from './schema.ts'

/** The file system, as far as the rules read it. */
export interface Disk {
  /** undefined if the path does not exist. */
  kind(path: string): 'file' | 'folder' | undefined
  /** The text of a file. */
  read(path: string): string
  /** Names of the entries of a folder; [] if it does not exist. */
  list(folder: string): readonly string[]
  /** Whether a glob pattern matches anything. */
  matches(pattern: string): boolean
}

/** The input of a rule. */
export interface RuleContext {
  /** Has only absolute paths. Values that the schema rejected are missing. */
  readonly config: LoadedConfig
  /** Whether the file has any value at this path, valid or not. */
  readonly given: (path: ConfigPath) => boolean
  readonly disk: Disk
  readonly env: Readonly<Record<string, string | undefined>>
  /** Names of the built-in presets; undefined: they are not checked. */
  readonly presets: readonly string[] | undefined
}

/** Finds one kind of problem. It has no side effects, and reads files only through `disk`. */
export type Rule = (context: RuleContext) => Problem[]

/** A path for messages: relative to the folder of the configuration. */
export function shownPath({ config }: RuleContext, path: string): string {
  return relative(config.root, path) || '.'
}

/** The file system of this machine. */
export function realDisk(): Disk {
  return {
    kind,
    read: (path) => readFileSync(path, 'utf8'),
    list: (folder) => (kind(folder) === 'folder' ? readdirSync(folder) : []),
    matches: (pattern) => globSync(pattern).length > 0,
  }
}

/** A path that cannot exist, for example because it is too long, or that this user cannot look at, is no file. */
function kind(path: string): 'folder' | 'file' | undefined {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'file'
  } catch {
    return undefined
  }
}
