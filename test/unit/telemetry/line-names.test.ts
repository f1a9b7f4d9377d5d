import { expect, test } from 'vitest'
import { drawnLines } from '../../../src/telemetry/line-names.ts'

const series = (labels: Record<string, string>, last: number | null = 1, prefix = '') => ({
  labels: { __name__: 'm', job: 'api', ...labels },
  values: [last === null ? null : 7, last],
  prefix,
})
const namesOf = (...of: Parameters<typeof drawnLines>) => drawnLines(...of).lines.map(({ name }) => name)

test('a line is named by the labels in which the series differ', () => {
  const all = [series({ path: '/b', code: '200' }), series({ path: '/a', code: '200' }), series({ code: '200' })]
  expect(namesOf(all, '', 9)).toEqual(['path=/a', 'path=/b', 'without these labels'])
  expect(namesOf([series({ path: '/a' })], '', 9)).toEqual(['value'])
})

test('the label that the lines are grouped by is named, also if there is one line', () => {
  expect(namesOf([series({ path: '/a' }, 1, 'p95')], 'path', 9)).toEqual(['p95 path=/a'])
})

test('the highest lines are shown, in the order of their names, and the others are counted', () => {
  const all = ['a', 'b', 'c', 'd10', 'd9'].map((path, index) => series({ path }, index))
  expect(drawnLines([...all, series({ path: 'e' }, null)], '', 3)).toEqual({
    lines: [
      { name: 'path=c', values: [7, 2] },
      { name: 'path=d9', values: [7, 4] },
      { name: 'path=d10', values: [7, 3] },
    ],
    more: 3,
  })
})

test('numbers are in their order', () => {
  const all = ['0.5', '0.25', '10', '9', '0.99'].map((quantile) => series({ quantile }))
  expect(namesOf(all, '', 9)).toEqual(['0.25', '0.5', '0.99', '9', '10'].map((each) => `quantile=${each}`))
})

test('a long name is cut, and a label may have the name of what objects inherit', () => {
  const [long = '', short] = namesOf([series({ path: 'x'.repeat(300) }), series({ path: 'y' })], '', 9)
  expect([long.length, short]).toEqual([201, 'path=y'])
  expect(namesOf([series({ constructor: 'a' }), series({})], '', 9)).toEqual(['constructor=a', 'without these labels'])
})
