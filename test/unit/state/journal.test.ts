import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { openJournal } from '../../../src/state/journal.ts'
import { folder } from './support.ts'

const now = () => new Date('2026-01-02T03:04:05Z')
const fresh = () => openJournal({ file: join(folder(), 'sub', 'journal.json'), now })

test('an entry is on disk before its object is created, and removed when the object is gone', async () => {
  const file = join(folder(), 'sub', 'journal.json')
  const journal = openJournal({ file, now })
  const entry = await journal.begin('cluster', 'todo', { a: '1' })
  expect(await openJournal({ file, now }).entries()).toEqual([entry])
  expect(entry).toMatchObject({ state: 'begun', at: '2026-01-02T03:04:05.000Z' })
  await journal.made(entry.id, { b: '2' })
  expect(await journal.find('cluster', 'todo')).toMatchObject({ state: 'made', facts: { a: '1', b: '2' } })
  await journal.remove(entry.id)
  expect(await journal.entries()).toEqual([])
  expect([statSync(file).mode & 0o777, statSync(dirname(file)).mode & 0o777]).toEqual([0o600, 0o700])
})

test('an entry that is begun again stays one entry, and is unconfirmed', async () => {
  const journal = fresh()
  const first = await journal.begin('network', 'kind')
  await journal.made(first.id, { id: 'x' })
  await journal.begin('network', 'kind')
  expect(await journal.entries()).toMatchObject([{ state: 'begun', facts: {} }])
})

test('simultaneous changes are all kept', async () => {
  const journal = fresh()
  await Promise.all(Array.from({ length: 20 }, (_, i) => journal.begin('image', `i${i}`)))
  expect(await journal.entries()).toHaveLength(20)
})

test('two processes with one shared journal lose no entry', async () => {
  const root = folder()
  const signal = new AbortController().signal
  const open = (pid: number) =>
    openJournal({ file: join(root, 'shared.json'), now, shared: { lock: join(root, 'lock'), pid, signal } })
  const [a, b] = [open(1), open(2)]
  await Promise.all(Array.from({ length: 5 }, (_, i) => [a.begin('image', `a${i}`), b.begin('image', `b${i}`)]).flat())
  expect(await a.entries()).toHaveLength(10)
})

test('a damaged file loses only the damaged entries', async () => {
  const file = join(folder(), 'journal.json')
  const journal = openJournal({ file, now })
  await journal.begin('image', 'one')
  await journal.begin('image', 'two')
  truncateSync(file, readFileSync(file).length - 10)
  expect((await journal.entries()).map((entry) => entry.name)).toEqual(['one'])
  writeFileSync(file, '\0\0garbage\n{}\nnull\n')
  expect(await journal.entries()).toEqual([])
  await journal.begin('image', 'three')
  expect(await journal.entries()).toHaveLength(1)
})
