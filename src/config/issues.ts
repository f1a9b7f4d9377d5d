import type * as z from 'zod'
import { nearest } from '../lib/text.ts'
import { type JsonSchema, knownKeys, nodesAt } from './json-schema.ts'
import { type ConfigPath, formatPath, type Problem } from './problems.ts'

type Issue = z.core.$ZodIssue

/**
 * Converts an issue of zod to problems. `input` is the validated value, and `schema` lists the known keys. An issue
 * about unknown keys gives one problem for each key.
 */
export function toProblems(issue: Issue, input: unknown, schema: JsonSchema): Problem[] {
  const path = issue.path as (string | number)[]
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...path, key], schema))
  if (issue.code === 'invalid_key') {
    return [{ path, message: `is not a valid name: ${issue.issues.map((inner) => inner.message).join(', ')}` }]
  }
  if (issue.code === 'invalid_union') {
    const near = nearestBranch(issue.errors)
    if (near !== undefined) {
      return near.flatMap((inner) => toProblems({ ...inner, path: [...path, ...inner.path] }, input, schema))
    }
  }
  const value = at(input, path)
  if (value === undefined) return [{ path, message: 'is missing', fix: expectation(issue) }]
  return [{ path, message: `${expectation(issue)}, got ${show(value)}`, fix: otherForm(path, value, schema) }]
}

/** The same value in the form that is expected, such as `{ context: "web" }`; undefined if it does not fit into any. */
function otherForm(path: ConfigPath, value: unknown, schema: JsonSchema): string | undefined {
  const nodes = nodesAt(path, schema)
  if (typeof value !== 'string' && typeof value !== 'number') {
    const isNamed = nodes.some(({ additionalProperties }) => typeof additionalProperties === 'object')
    return Array.isArray(value) && isNamed ? 'write each entry under its name: { NAME: … }' : undefined
  }
  if (nodes.some(({ type, items }) => type === 'array' && takes(items, value))) return `write [${show(value)}]`
  for (const { required: [key, ...more] = [], properties } of nodes) {
    if (key === undefined || more.length > 0 || !takes(properties?.[key], value)) continue
    return `write { ${key}: ${show(value)} }`
  }
  return undefined
}

function takes(node: JsonSchema | undefined, value: string | number): boolean {
  if (node === undefined) return false
  if (node.anyOf !== undefined) return node.anyOf.some((each) => takes(each, value))
  return typeof value === 'string' ? node.type === 'string' : node.type === 'number' || node.type === 'integer'
}

function unknownKey(path: ConfigPath, schema: JsonSchema): Problem {
  const known = knownKeys(path.slice(0, -1), schema)
  const suggestion = nearest(String(path.at(-1)), known)
  const where = path.length === 1 ? 'the configuration' : formatPath(path.slice(0, -1))
  if (suggestion !== undefined) return { path, message: 'is unknown', fix: `did you mean "${suggestion}"?` }
  return { path, message: 'is unknown', fix: `valid keys of ${where}: ${known.join(', ')}` }
}

/** The branch of a union that fits best: the first one without an issue about the type of the whole value. */
function nearestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return branches.find((issues) => !issues.some((issue) => issue.code === 'invalid_type' && issue.path.length === 0))
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${article(issue.expected)}`
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`
    case 'invalid_union': {
      const types = issue.errors.flatMap((issues) => issues.flatMap((inner) => typeOf(inner)))
      return `must be ${[...new Set(types)].join(' or ')}`
    }
    case 'too_small':
      return issue.origin === 'number' ? `must be at least ${issue.minimum}` : issue.message
    case 'too_big':
      return issue.origin === 'number' ? `must be at most ${issue.maximum}` : issue.message
    default:
      return issue.message
  }
}

function typeOf(issue: Issue): string[] {
  if (issue.code === 'invalid_type') return [article(issue.expected)]
  return issue.code === 'invalid_value' ? issue.values.map((value) => JSON.stringify(value)) : []
}

function article(type: string): string {
  const words: Record<string, string> = {
    array: 'a list',
    object: 'an object',
    record: 'an object',
    int: 'a whole number',
  }
  return words[type] ?? `a ${type}`
}

function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text
}

/** The value at a path of the input, or undefined. */
function at(input: unknown, path: ConfigPath): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<string | number, unknown> | undefined | null)?.[key],
    input,
  )
}
