import fc from 'fast-check'
import { expect, test } from 'vitest'
import { history } from '../../../src/ui/history.ts'

const roomy = { items: 100, size: 1000 }

test('a reader gets what came after its place, in portions', () => {
  const of = history<string>(roomy)
  for (const item of ['a', 'b', 'c']) of.add(item)
  expect(of.after(0, 2)).toEqual({
    items: [
      { seq: 1, item: 'a' },
      { seq: 2, item: 'b' },
    ],
    missed: 0,
  })
  expect(of.after(2, 9)).toEqual({ items: [{ seq: 3, item: 'c' }], missed: 0 })
  expect(of.after(3, 9)).toEqual({ items: [], missed: 0 })
  expect(of.last()).toBe(3)
})

test('a reader that is too slow learns how many items it missed', () => {
  const of = history<number>({ items: 3, size: 1000 })
  for (let item = 1; item <= 10; item++) of.add(item)
  expect(of.after(2, 9)).toEqual({ items: [8, 9, 10].map((item) => ({ seq: item, item })), missed: 5 })
})

test('large items push others out, and one that is larger than everything stays alone', () => {
  const of = history<string>({ items: 100, size: 10 })
  of.add('small', 4)
  of.add('also small', 4)
  of.add('huge', 500)
  expect(of.after(0, 9)).toEqual({ items: [{ seq: 3, item: 'huge' }], missed: 2 })
})

test('a place of the future belongs to another history: the reader starts again', () => {
  const of = history<string>(roomy)
  of.add('a')
  expect(of.after(70, 9).items).toEqual([{ seq: 1, item: 'a' }])
})

test('readers with any pace get each item once or count it as missed', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.record({ size: fc.nat(20) }), fc.record({ read: fc.integer({ min: 1, max: 5 }) })), {
        maxLength: 200,
      }),
      (steps) => {
        const of = history<number>({ items: 7, size: 40 })
        let added = 0
        let place = 0
        let accounted = 0
        for (const step of steps) {
          if ('size' in step) of.add(++added, step.size)
          else {
            const { items, missed } = of.after(place, step.read)
            if (items.length === 0) continue
            accounted += missed + items.length
            place = items.at(-1)?.seq ?? place
            expect(items.map(({ item }) => item)).toEqual(items.map(({ seq }) => seq))
            expect(accounted).toBe(place)
          }
        }
      },
    ),
  )
})
