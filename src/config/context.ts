import { globSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { relative } from 'node:path'
import type { ConfigPath, Problem } from './problems.ts'
import type { LoadedConfig } from './schema.ts'

/** What the rules may ask of the disk. */
export interface Disk {
  /** undefined when there is nothing at the path. */
  kind(path: string): 'file' | 'folder' | undefined
  read(path: string): string
  /** Names in a folder; [] when there is none. */
  list(folder: string): readonly string[]
  /** Whether a pattern matches anything. */
  matches(pattern: string): boolean
}

/** All that a rule looks at. */
export interface RuleContext {
  /** Resolved: absolute paths only. What the schema refused is missing in it. */
  readonly config: LoadedConfig
  /** Whether the author wrote anything at this path, right or wrong. */
  readonly given: (path: ConfigPath) => boolean
  readonly disk: Disk
  readonly env: Readonly<Record<string, string | undefined>>
  readonly presets: readonly string[] | undefined
}

/** Finds one sort of fault; pure but for the disk it is given. */
export type Rule = (context: RuleContext) => Problem[]

/** A path as messages show it: relative to the configuration's folder. */
export function shownPath({ config }: RuleContext, path: string): string {
  return relative(config.root, path) || '.'
}

/** The disk of this machine. */
export function realDisk(): Disk {
  return {
    kind: (path) => {
      const stat = statSync(path, { throwIfNoEntry: false })
      if (stat === undefined) return undefined
      return stat.isDirectory() ? 'folder' : 'file'
    },
    read: (path) => readFileSync(path, 'utf8'),
    list: (folder) => {
      const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
      return isFolder ? readdirSync(folder) : []
    },
    matches: (pattern) => globSync(pattern).length > 0,
  }
}
