import { expect, test } from 'vitest'
import { interactive, type Surroundings, useColor, width } from '../../../src/cli/environment.ts'

const terminal: Surroundings = { env: {}, stdinTTY: true, stdoutTTY: true, stderrTTY: true, width: 120 }

test.each<[string, Surroundings, boolean]>([
  ['a terminal', terminal, true],
  ['no terminal', { ...terminal, stdoutTTY: false }, false],
  ['input from a pipe', { ...terminal, stdinTTY: false }, false],
  ['CI', { ...terminal, env: { CI: 'true' } }, false],
  ['CI switched off', { ...terminal, env: { CI: 'false' } }, true],
  ['a dumb terminal', { ...terminal, env: { TERM: 'dumb' } }, false],
])('interactive: %s', (_name, around, expected) => {
  expect(interactive(around)).toBe(expected)
})

test.each<[string, Surroundings, boolean | undefined, boolean]>([
  ['a terminal', terminal, undefined, true],
  ['input from a pipe does not matter', { ...terminal, stdinTTY: false }, undefined, true],
  ['--no-color', terminal, false, false],
  ['NO_COLOR', { ...terminal, env: { NO_COLOR: '1' } }, undefined, false],
  ['an empty NO_COLOR says nothing', { ...terminal, env: { NO_COLOR: '' } }, undefined, true],
  ['a pipe', { ...terminal, stdoutTTY: false }, undefined, false],
  ['FORCE_COLOR on a pipe', { ...terminal, stdoutTTY: false, env: { FORCE_COLOR: '1' } }, undefined, true],
  ['NO_COLOR wins', { ...terminal, env: { FORCE_COLOR: '1', NO_COLOR: '1' } }, undefined, false],
])('colour: %s', (_name, around, flag, expected) => {
  expect(useColor(around, flag)).toBe(expected)
})

test.each<[Surroundings, number]>([
  [terminal, 120],
  [{ ...terminal, width: undefined }, 80],
  [{ ...terminal, width: undefined, env: { COLUMNS: '60' } }, 60],
  [{ ...terminal, width: undefined, env: { COLUMNS: 'wide' } }, 80],
  [{ ...terminal, width: 10 }, 40],
])('width %#', (around, expected) => {
  expect(width(around)).toBe(expected)
})
