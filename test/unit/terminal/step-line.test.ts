import { expect, test } from 'vitest'
import { oneLine, stepLine, together } from '../../../src/terminal/step-line.ts'

test('a line ends in its figure, at the right', () => {
  expect(stepLine('Cluster', 'kind-todo  1 worker', 34_000, 60)).toBe(
    'Cluster     kind-todo 1 worker                       34s',
  )
})

test.each([40, 60, 80, 200])('a line leaves room for its mark in %i columns', (columns) => {
  const line = stepLine('Images', 'a note that is much too long for any terminal '.repeat(8), 754_000, columns)
  expect(line.length).toBeLessThanOrEqual(Math.min(columns, 100) - 4)
  expect(line).toMatch(/… +12m 34s$/)
})

test('no figure for what took no time', () => {
  expect(stepLine('Tools', 'found', 12, 60)).toBe('Tools       found')
})

test('output of programs is one harmless line', () => {
  expect(oneLine('\u001b[31mred\u001b[0m\r\n\tnext\u0007')).toBe('red next')
})

test('several things on one line', () => {
  const states = new Map([
    ['backend', { done: true, text: 'built 4.1s' }],
    ['frontend', { done: false, text: '' }],
  ])
  expect(together(states)).toBe('✔ backend built 4.1s  ◐ frontend')
})
