import type * as z from 'zod'
import { isRecord } from '../lib/record.ts'
import { toProblems } from './issues.ts'
import { jsonSchema } from './json-schema.ts'
import type { ConfigPath, Problem } from './problems.ts'
import { type Config, configSchema } from './schema.ts'

/** The result of the validation against the schema. */
export interface Parsed {
  /** undefined if no part of the configuration is usable. */
  readonly config: Config | undefined
  readonly problems: readonly Problem[]
  /** Paths that are missing in `config`, because the schema rejected their values. */
  readonly pruned: readonly ConfigPath[]
}

/**
 * Validates the configuration against the schema. Values that the schema rejects are reported and removed. The rules
 * can then check the rest, and the user sees all problems together.
 */
export function parseConfig(raw: unknown): Parsed {
  const input = copy(raw)
  const problems: Problem[] = []
  const pruned: ConfigPath[] = []
  for (let round = 0; round < 10; round++) {
    const result = configSchema.safeParse(input)
    if (result.success) {
      const { profiles: _, $schema: __, ...config } = result.data
      return { config, problems, pruned }
    }
    // Later rounds only find what is missing because an earlier round removed it.
    if (round === 0) problems.push(...result.error.issues.flatMap((issue) => toProblems(issue, raw, jsonSchema())))
    for (const path of result.error.issues.flatMap(rejectedPaths)) {
      if (path.length === 0 || !isRecord(input)) return { config: undefined, problems, pruned }
      pruned.push(remove(input, path))
    }
  }
  return { config: undefined, problems, pruned }
}

function rejectedPaths(issue: z.core.$ZodIssue): ConfigPath[] {
  const path = issue.path as (string | number)[]
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path]
}

/** Removes the value at `path`. If the value is missing, removes the object around it. A missing name is replaced. */
function remove(input: Record<string, unknown>, path: ConfigPath): ConfigPath {
  if (path.length === 1 && path[0] === 'name') {
    input.name = 'unnamed'
    return path
  }
  let parent: Record<string | number, unknown> = input
  for (const key of path.slice(0, -1)) {
    const next = parent[key]
    if (typeof next !== 'object' || next === null) return path
    parent = next as Record<string | number, unknown>
  }
  const last = path.at(-1) ?? ''
  if (!(last in parent)) return path.length === 1 ? path : remove(input, path.slice(0, -1))
  // `delete` leaves a hole, so that the indexes after it still match the source. The next round removes the whole list.
  delete parent[last]
  return path
}

/** A deep copy. structuredClone throws on a function, which a script may contain by mistake. */
function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy)
  return isRecord(value) ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copy(inner)])) : value
}
