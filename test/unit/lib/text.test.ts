import { expect, test } from 'vitest'
import { bytes, count, duration, nearest } from '../../../src/lib/text.ts'

test.each([
  [count(1, 'image'), '1 image'],
  [count(0, 'image'), '0 images'],
  [count(2, 'registry entry', 'registry entries'), '2 registry entries'],
  [duration(27.4), '27 ms'],
  [duration(4100), '4.1s'],
  [duration(34_000), '34s'],
  [duration(702_000), '11m 42s'],
  [duration(8_040_000), '2h 14m'],
  [duration(3 * 86_400_000), '3d'],
  [bytes(512), '512 B'],
  [bytes(1.5 * 1024 ** 3), '1.5 GiB'],
])('a number is written as %s', (text, expected) => {
  expect(text).toBe(expected)
})

test.each([
  ['frontnd', 'frontend'],
  ['grafna', 'grafana'],
  ['GRAFANA', 'grafana'],
  ['zzz', undefined],
  ['', undefined],
])('the nearest name to "%s" is found', (word, expected) => {
  expect(nearest(word, ['frontend', 'backend', 'grafana'])).toBe(expected)
})
