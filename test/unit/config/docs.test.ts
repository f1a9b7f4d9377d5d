import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { configurationPage } from '../../../scripts/pages/configuration.ts'
import { type JsonSchema, jsonSchema, knownKeys } from '../../../src/config/json-schema.ts'

test('docs/configuration.md is up to date (node scripts/docs.ts)', () => {
  expect(readFileSync('docs/configuration.md', 'utf8')).toBe(configurationPage())
})

test('every key has a description', () => {
  const silent: string[] = []
  const visit = (path: string, schema: JsonSchema): void => {
    for (const [key, child] of Object.entries(schema.properties ?? {})) {
      if (child.description === undefined) silent.push(`${path}.${key}`)
      visit(`${path}.${key}`, child)
    }
    for (const each of schema.anyOf ?? []) visit(path, each)
    if (schema.items !== undefined) visit(path, schema.items)
    if (typeof schema.additionalProperties === 'object') visit(path, schema.additionalProperties)
  }
  visit('', jsonSchema())
  expect(silent).toEqual([])
})

test('known keys are found through records, lists and unions', () => {
  expect(knownKeys(['services', 'any', 'sync', 3])).toEqual(['from', 'to', 'exclude', 'pull', 'run', 'restart'])
  expect(knownKeys(['cluster', 'workers', 0])).toEqual(['count', 'labels', 'taints', 'zone', 'size'])
  expect(knownKeys(['services', 'any', 'env'])).toEqual([])
})
