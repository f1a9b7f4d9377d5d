import { expect, test } from 'vitest'
import { interactive, type TerminalFacts, useColor, width } from '../../../src/cli/environment.ts'

const terminal: TerminalFacts = { env: {}, stdinTTY: true, stdoutTTY: true, stderrTTY: true, width: 120 }

test.each<[string, TerminalFacts, boolean]>([
  ['a terminal', terminal, true],
  ['no terminal', { ...terminal, stdoutTTY: false }, false],
  ['input from a pipe', { ...terminal, stdinTTY: false }, false],
  ['CI', { ...terminal, env: { CI: 'true' } }, false],
  ['CI switched off', { ...terminal, env: { CI: 'false' } }, true],
  ['a dumb terminal', { ...terminal, env: { TERM: 'dumb' } }, false],
])('the terminal is interactive, or not: %s', (_name, facts, expected) => {
  expect(interactive(facts)).toBe(expected)
})

test.each<[string, TerminalFacts, boolean | undefined, boolean]>([
  ['a terminal', terminal, undefined, true],
  ['input from a pipe does not matter', { ...terminal, stdinTTY: false }, undefined, true],
  ['--no-color', terminal, false, false],
  ['NO_COLOR', { ...terminal, env: { NO_COLOR: '1' } }, undefined, false],
  ['an empty NO_COLOR says nothing', { ...terminal, env: { NO_COLOR: '' } }, undefined, true],
  ['a pipe', { ...terminal, stdoutTTY: false }, undefined, false],
  ['FORCE_COLOR on a pipe', { ...terminal, stdoutTTY: false, env: { FORCE_COLOR: '1' } }, undefined, true],
  ['NO_COLOR wins', { ...terminal, env: { FORCE_COLOR: '1', NO_COLOR: '1' } }, undefined, false],
])('colour is on, or not: %s', (_name, facts, flag, expected) => {
  expect(useColor(facts, flag)).toBe(expected)
})

test.each<[TerminalFacts, number]>([
  [terminal, 120],
  [{ ...terminal, width: undefined }, 80],
  [{ ...terminal, width: undefined, env: { COLUMNS: '60' } }, 60],
  [{ ...terminal, width: undefined, env: { COLUMNS: 'wide' } }, 80],
  [{ ...terminal, width: 10 }, 40],
])('the width is that of the terminal, case %#', (facts, expected) => {
  expect(width(facts)).toBe(expected)
})
