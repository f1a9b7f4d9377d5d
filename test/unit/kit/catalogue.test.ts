import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { recipeKeys } from '../../../src/kit/keys.ts'
import { kitImages } from '../../../src/kit/kit.ts'
import { closure } from '../../../src/kit/order.ts'
import { catalogue } from '../../../src/kit/recipes/catalogue.ts'

const kitDir = new URL('../../../kit/', import.meta.url)
const facts = { arch: 'x64', host: 'h', digestOf: (file: string) => file }

test.each([true, false])('the catalogue is complete, with Go on the machine: %s', (machineHasGo) => {
  const recipes = catalogue('x64', machineHasGo)
  expect(
    closure(
      recipes,
      recipes.map(({ name }) => name),
    ),
  ).toHaveLength(recipes.length)
  const names = recipes.flatMap(({ provides }) => provides)
  expect(names).toHaveLength(new Set(names).size)
  for (const file of recipes.flatMap(({ files }) => files)) {
    expect(existsSync(fileURLToPath(new URL(file, kitDir))), file).toBe(true)
  }
})

test('the Go of Debian does not change a key', () => {
  const own = recipeKeys(catalogue('x64', true), facts)
  const debian = recipeKeys(catalogue('x64', false), facts)
  for (const [name, key] of own) expect(debian.get(name), name).toBe(key)
})

test('every image with an upstream name has a label that says what it contains', () => {
  const upstream = catalogue('x64', true).filter(({ kind, internal }) => kind === 'image' && !internal)
  expect(upstream.filter(({ standIn }) => standIn === undefined)).toEqual([])
})

test('images that only presets and manifests use are built when they are named', () => {
  const base = catalogue('x64', true).filter(({ internal, onDemand }) => !internal && !onDemand)
  const references = base.flatMap(({ provides }) => provides)
  expect(references).toEqual(expect.arrayContaining(['kindest/node:v1.34.4', 'registry:3', 'postgres:17']))
  expect(
    references.filter((reference) => /^(rabbitmq|consul|postgres:15|traefik|quay|grafana)/.test(reference)),
  ).toEqual([])
})

test('the kit offers the images of the examples and of the cluster, and no intermediate steps', () => {
  expect(kitImages()).toEqual(
    expect.arrayContaining(['kindest/node:v1.34.4', 'node:20-alpine', 'python:3.12-slim', 'postgres:17', 'registry:3']),
  )
  const seeds = ['postgres:16-alpine', 'redis:7-alpine', 'rabbitmq:3-management', 'hashicorp/consul:1.20']
  expect(kitImages()).toEqual(expect.arrayContaining(seeds))
  expect(kitImages().filter((reference) => reference.startsWith('kit/'))).toEqual([])
})
