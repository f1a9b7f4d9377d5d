import { expect, test } from 'vitest'
import { oneLine, stepLine, together } from '../../../src/terminal/step-line.ts'

test('the duration is at the right end of a line', () => {
  expect(stepLine('Cluster', 'kind-todo  1 worker', 34_000, 60)).toBe(
    'Cluster     kind-todo 1 worker                       34s',
  )
})

test.each([40, 60, 80, 200])('a line leaves space for its symbol in %i columns', (columns) => {
  const line = stepLine('Images', 'a note that is much too long for any terminal '.repeat(8), 754_000, columns)
  expect(line.length).toBeLessThanOrEqual(Math.min(columns, 100) - 4)
  expect(line).toMatch(/… +12m 34s$/)
})

test('a step that took no time has no duration', () => {
  expect(stepLine('Tools', 'found', 12, 60)).toBe('Tools       found')
})

test('the output of a program becomes one line without control characters', () => {
  expect(oneLine('\u001b[31mred\u001b[0m\r\n\tnext\u0007')).toBe('red next')
})

test('several running steps share one line', () => {
  const states = new Map([
    ['backend', { done: true, text: 'built 4.1s' }],
    ['frontend', { done: false, text: '' }],
  ])
  expect(together(states)).toBe('✔ backend built 4.1s  ◐ frontend')
})
