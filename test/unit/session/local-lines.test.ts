import { expect, onTestFinished, test, vi } from 'vitest'
import { followLocalLines, type LineHere, type LocalQuery, readLocalLines } from '../../../src/session/local-lines.ts'
import { sessionSocket } from '../../../src/session/socket.ts'
import { folder, served } from './served.ts'

vi.setConfig({ testTimeout: 30_000 })
const never = new AbortController().signal
const patience = { timeout: 20_000 }
const line = (text: string, service = 'web', second = 0) => ({
  service,
  time: new Date(second * 1000).toISOString(),
  text,
})

/** Follows lines until the end of the test. */
function following(socket: string, query: Partial<LocalQuery> = {}) {
  const lines: LineHere[] = []
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const read = async () => {
    for await (const each of followLocalLines(socket, { ...query, signal: stop.signal })) lines.push(each)
  }
  void read()
  return { lines, texts: () => lines.map(({ text }) => text) }
}

test('the lines that are kept are read by name, age, number and pattern', async () => {
  const socket = sessionSocket(await folder())
  const { of } = await served(socket)
  for (const second of [1, 2, 3]) of.line(line(`${second}`, 'web', second))
  of.line(line('4', 'worker', 4))
  const read = async (query: Partial<LocalQuery>) =>
    (await readLocalLines(socket, { signal: never, ...query })).map(({ text }) => text)
  expect(await read({})).toEqual(['1', '2', '3', '4'])
  expect(await read({ names: ['worker'] })).toEqual(['4'])
  expect(await read({ since: line('', '', 3).time })).toEqual(['3', '4'])
  expect(await read({ tail: 1 })).toEqual(['3', '4'])
  expect(await read({ tail: 2, grep: /[14]/ })).toEqual(['4'])
})

test('without a devk there are no lines, and those of a later one are followed', async () => {
  const socket = sessionSocket(await folder())
  expect(await readLocalLines(socket, { signal: never })).toEqual([])
  const { texts } = following(socket)
  const { of } = await served(socket)
  of.line(line('at last'))
  await expect.poll(texts, patience).toEqual(['at last'])
})

test('who follows gets the last lines and those that come, each once, also of the next devk', async () => {
  const socket = sessionSocket(await folder())
  const first = await served(socket)
  for (const text of ['old', 'present']) first.of.line(line(text))
  const { texts } = following(socket, { tail: 1, names: ['web'] })
  await expect.poll(texts, patience).toEqual(['present'])
  first.of.line(line('other', 'worker'))
  first.of.line(line('new'))
  await expect.poll(texts, patience).toEqual(['present', 'new'])
  await first.stop()
  const second = await served(socket)
  second.of.line(line('of the next'))
  await expect.poll(texts, patience).toEqual(['present', 'new', 'of the next'])
})

test('lines of a flood come once and in their order, and those that devk could not keep are counted', async () => {
  const socket = sessionSocket(await folder())
  const { of } = await served(socket)
  const { lines } = following(socket)
  of.line(line('0'))
  await expect.poll(() => lines.length, patience).toBe(1)
  const count = 30_000
  for (let index = 1; index < count; index++) of.line(line(String(index)))
  const dropped = () => lines.reduce((sum, each) => sum + (each.dropped ?? 0), 0)
  const kept = () => lines.filter((each) => each.dropped === undefined).map(({ text }) => Number(text))
  await expect.poll(() => kept().at(-1), patience).toBe(count - 1)
  expect(kept().every((each, index, all) => index === 0 || each > (all[index - 1] ?? 0))).toBe(true)
  expect(dropped()).toBeGreaterThan(0)
  expect(kept().length + dropped()).toBe(count)
})
