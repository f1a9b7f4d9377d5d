import type * as z from 'zod'
import { toProblems } from './issues.ts'
import { jsonSchema } from './json-schema.ts'
import { isRecord } from './merge.ts'
import type { ConfigPath, Problem } from './problems.ts'
import { type Config, configSchema } from './schema.ts'

export interface Parsed {
  /** undefined when not even a part of it is usable. */
  readonly config: Config | undefined
  readonly problems: readonly Problem[]
  /** Places that were left out of `config` because the schema refused them. */
  readonly pruned: readonly ConfigPath[]
}

/**
 * Checks against the schema. What it refuses is reported and left out, so that the rules can check the rest and everything is
 * reported together.
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
    // What is missing only because it was left out in an earlier round is no new problem.
    const first = round === 0
    if (first) problems.push(...result.error.issues.flatMap((issue) => toProblems(issue, raw, jsonSchema())))
    for (const path of result.error.issues.flatMap(refused)) {
      if (path.length === 0 || !isRecord(input)) return { config: undefined, problems, pruned }
      pruned.push(remove(input, path))
    }
  }
  return { config: undefined, problems, pruned }
}

function refused(issue: z.core.$ZodIssue): ConfigPath[] {
  const path = issue.path as (string | number)[]
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path]
}

/** Removes the value at `path`, or, when that is missing, what it is missing from. A missing name gets a stand-in. */
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
  // A list keeps its length, so that later indexes stay true to the source; the hole takes the list out in the next round.
  delete parent[last]
  return path
}

/** structuredClone would refuse the functions that a script may hold by mistake. */
function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy)
  return isRecord(value) ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copy(inner)])) : value
}
