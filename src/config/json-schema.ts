import * as z from 'zod'
import { configSchema } from './schema.ts'

/** A JSON Schema node, as far as devk reads it. */
export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: JsonSchema | boolean
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly [keyword: string]: unknown
}

/** The JSON Schema (draft-07) of a configuration file, for editors and `devk config schema`. */
export function jsonSchema(): JsonSchema {
  return z.toJSONSchema(configSchema, { target: 'draft-7', io: 'input' }) as JsonSchema
}

/** The valid keys of the object at this path; [] if every key is valid. */
export function knownKeys(path: readonly (string | number)[], schema: JsonSchema = jsonSchema()): string[] {
  return nodesAt(path, schema).flatMap((node) => Object.keys(node.properties ?? {}))
}

/** What may stand at this path: one schema, or the alternatives of a union. */
export function nodesAt(path: readonly (string | number)[], schema: JsonSchema): JsonSchema[] {
  let nodes: JsonSchema[] = [schema]
  for (const key of path) nodes = nodes.flatMap(alternatives).flatMap((node) => child(node, key))
  return nodes.flatMap(alternatives)
}

function alternatives(node: JsonSchema): readonly JsonSchema[] {
  return node.anyOf === undefined ? [node] : node.anyOf.flatMap(alternatives)
}

function child(node: JsonSchema, key: string | number): JsonSchema[] {
  if (typeof key === 'number') return node.items === undefined ? [] : [node.items]
  const named = node.properties?.[key]
  if (named !== undefined) return [named]
  return typeof node.additionalProperties === 'object' ? [node.additionalProperties] : []
}
