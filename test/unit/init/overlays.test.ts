import { expect, test } from 'vitest'
import { familiesOf, rankOf } from '../../../src/init/deploy/overlays.ts'

/** Kustomizations from `folder: what it uses`. */
function chosen(uses: Readonly<Record<string, readonly string[]>>): string[] {
  const all = Object.entries(uses)
  const kustomizations = all.map(([folder, own]) => {
    return { folder, uses: own, isTop: !all.some(([, others]) => others.includes(folder)) }
  })
  return familiesOf(kustomizations).map((family) => family.chosen.folder)
}

test.each([
  [['o/production', 'o/staging', 'o/dev', 'o/local-kind', 'o/canary'], 'o/local-kind'],
  [['o/prod', 'o/eu-live', 'o/qa', 'o/stage'], 'o/stage'],
  [['o/prod', 'o/canary'], 'o/canary'],
])('of overlays %j on one base, %s is deployed', (overlays, wanted) => {
  expect(chosen({ base: [], ...Object.fromEntries(overlays.map((each) => [each, ['base']])) })).toEqual([wanted])
})

test('the base is deployed if all that build on it are for production', () => {
  expect(chosen({ base: [], prod: ['base'] })).toEqual(['base'])
  expect(chosen({ base: [], blue: ['base'] })).toEqual(['blue'])
})

test('an overlay for development counts although others build on it', () => {
  expect(chosen({ base: [], dev: ['base'], rollouts: [], canary: ['dev', 'rollouts'], prod: ['base'] })).toEqual([
    'dev',
  ])
})

test('what gathers several overlays for development is deployed instead of one of them', () => {
  expect(chosen({ all: ['a/dev', 'b/dev'], 'a/dev': [], 'b/dev': [] })).toEqual(['all'])
})

test('families that share nothing go together', () => {
  expect(chosen({ 'a/base': [], 'a/dev': ['a/base'], 'b/k': [] })).toEqual(['a/dev', 'b/k'])
})

test('words of a folder count, and then those of the folders above', () => {
  expect(['overlays/dev/shop', 'my-local', 'device', 'values-dev.yaml'].map((path) => rankOf(path) < 2)).toEqual([
    ...[true, true, false, true],
  ])
})
