import { expect, test } from 'vitest'
import { history } from '../../../src/ui/history.ts'
import { bell, historyReader, latestReader, placesOf, sseEvent } from '../../../src/ui/sse.ts'

const places = placesOf('ab12')
const data = (items: readonly string[], missed: number) => ({ items, missed })

function readerFrom(lastEventId: string | undefined, limits = { items: 100, size: 1000 }) {
  const of = history<string>(limits)
  return { of, read: historyReader(of, { name: 'lines', places, lastEventId, most: 2, data }) }
}

test('an event has a name, its data on one line, and the place after it', () => {
  expect(sseEvent('lines', { text: 'a\nevent: forged\n\n' }, 'ab12-3')).toBe(
    'id: ab12-3\nevent: lines\ndata: {"text":"a\\nevent: forged\\n\\n"}\n\n',
  )
})

test('a stream resumes after the Last-Event-ID', () => {
  const { of, read } = readerFrom('ab12-2')
  for (const item of ['a', 'b', 'c']) of.add(item)
  expect(read()).toBe('id: ab12-3\nevent: lines\ndata: {"items":["c"],"missed":0}\n\n')
  expect(read()).toBeUndefined()
})

test.each([undefined, '', 'ab12', 'ffff-2', 'ab12-', 'ab12--1', 'ab12-1e3', '2'])(
  'a Last-Event-ID of another run, or none, starts from the first item that is kept: %s',
  (id) => {
    const { of, read } = readerFrom(id)
    for (const item of ['a', 'b', 'c']) of.add(item)
    expect(read()).toContain('"items":["a","b"]')
    expect(read()).toContain('"items":["c"]')
  },
)

test('what was forgotten before the reader came is counted', () => {
  const { of, read } = readerFrom('ab12-1', { items: 2, size: 1000 })
  for (const item of ['a', 'b', 'c', 'd', 'e']) of.add(item)
  expect(read()).toContain('"items":["d","e"],"missed":2')
})

test('of a value that is replaced, only the newest is sent, and once', () => {
  let value = { n: 1 }
  const read = latestReader('state', () => value)
  expect(read()).toContain('{"n":1}')
  expect(read()).toBeUndefined()
  value = { n: 2 }
  value = { n: 3 }
  expect(read()).toContain('{"n":3}')
})

test('a bell wakes who waits, and the signal does too', async () => {
  const rings = bell()
  const { signal } = new AbortController()
  const woken = rings.next(60_000, signal)
  rings.ring()
  await woken
  await rings.next(60_000, AbortSignal.abort())
})
