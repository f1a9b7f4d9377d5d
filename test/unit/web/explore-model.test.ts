import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addressOf, choicesOf, found, movedBy, placeOf } from '../../../web/explore-model.ts'

const wordsOf = (address: string) => address.replace('#/', '').split('/').map(decodeURIComponent)

test('an address names the service, the metric, the label and the time', () => {
  const place = { service: 'api', name: 'jobs_total', by: 'path', minutes: 60 }
  expect(addressOf(place)).toBe('#/explore/api/jobs_total/path/60')
  expect(addressOf({ ...place, service: '', by: '', minutes: 30 })).toBe('#/explore//jobs_total')
  expect(placeOf(['explore', '', 'up', '', '7'])).toEqual({ service: '', name: 'up', by: '', minutes: 30 })
})

test('each place is found again at its address', () => {
  const text = fc.string({ unit: 'grapheme' })
  const place = fc.record({ service: text, name: text, by: text, minutes: fc.constantFrom(15, 30, 1440) })
  fc.assert(
    fc.property(place, (each) => {
      expect(placeOf(wordsOf(addressOf(each)))).toEqual(each)
    }),
  )
})

test('metrics are found by words of name, type and description, and what is not shown is counted', () => {
  const metrics = ['http_requests_total', 'http_errors_total', 'up'].map((name) => {
    return { name, type: name === 'up' ? 'gauge' : 'counter', help: 'Counted.', unit: 'short' } as const
  })
  const names = (search: string, most = 9) => {
    const { shown, more } = found(metrics, search, most)
    return [shown.map(({ name }) => name), more]
  }
  expect(names('HTTP counter')).toEqual([['http_requests_total', 'http_errors_total'], 0])
  expect(names('', 1)).toEqual([['http_requests_total'], 2])
  expect(names('gauge requests')).toEqual([[], 0])
})

test('the services of the stack come first, and what is chosen is among the choices', () => {
  expect(choicesOf(['web', 'api'], ['api', 'jaeger'], 'old')).toEqual(['web', 'api', 'jaeger', 'old'])
  expect(choicesOf([], [], '')).toEqual([])
})

test.each([
  ['ArrowDown', 0, 3, 1],
  ['ArrowDown', 2, 3, 2],
  ['ArrowUp', 0, 3, 0],
  ['Home', 2, 3, 0],
  ['End', 0, 3, 2],
  ['End', -1, 0, undefined],
  ['a', 0, 3, undefined],
])('%s leads from %d of %d to %s', (key, from, count, to) => {
  expect(movedBy(key, from, count)).toBe(to)
})
