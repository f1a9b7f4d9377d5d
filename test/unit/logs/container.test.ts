import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ContainerLogOptions, followContainer } from '../../../src/logs/container.ts'
import { type Cell, type ContainerView, cell } from '../../../src/logs/view.ts'
import { type LogServer, line, logServer, until } from './support.ts'

const running = (runs: number): ContainerView => ({ runs, started: true, running: true, gone: false })
const over = (runs: number): ContainerView => ({ ...running(runs), running: false })

let server: LogServer
let view: Cell<ContainerView>
let lines: string[]
let stop: AbortController
let following: Promise<void>

const start = (extra: Partial<ContainerLogOptions> = {}) => {
  following = followContainer({
    streams: server,
    pod: { namespace: 'todo', name: 'backend-1' },
    container: 'main',
    view,
    fresh: false,
    sinceTime: undefined,
    tailLines: undefined,
    emit: ({ text }) => void lines.push(text),
    signal: stop.signal,
    ...extra,
  })
}
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => String(from + i))
const write = (from: number, to: number) => server.write(...numbers(from, to).map((n) => line(Number(n))))
const seen = (count: number) => until(() => lines.length >= count)

beforeEach(() => {
  server = logServer()
  view = cell(running(0))
  lines = []
  stop = new AbortController()
})
afterEach(async () => {
  stop.abort()
  await following
})

test('each line arrives once, in spite of a lost connection', async () => {
  start()
  for (let i = 0; i < 5; i++) {
    write(i * 150, i * 150 + 149)
    await seen(i * 150 + 50)
    server.breakAll()
    await until(() => server.requests.length >= i + 2)
  }
  await seen(750)
  expect(lines).toEqual(numbers(0, 749))
})

test('a stream that is silent is opened again', async () => {
  start({ silentMs: 20 })
  write(0, 9)
  await seen(10)
  server.miss()
  write(10, 19)
  await seen(20)
  expect(lines).toEqual(numbers(0, 19))
})

test('lines written during an interruption arrive afterwards, over a restart', async () => {
  start()
  write(0, 99)
  await seen(100)
  server.breakAll()
  write(100, 129)
  server.end()
  server.begin()
  write(130, 150)
  view.set(running(1))
  await seen(151)
  expect(lines).toEqual(numbers(0, 150))
})

test('the end of a run is read from its own log when a stream already follows the next run', async () => {
  start()
  write(0, 9)
  await seen(10)
  // The watch is late: the stream that is opened next shows the second run while the view still shows the first.
  server.breakAll()
  write(10, 19)
  server.begin()
  write(20, 29)
  await until(() => server.requests.length >= 2)
  view.set(running(1))
  await seen(30)
  expect([...lines].sort((a, b) => Number(a) - Number(b))).toEqual(numbers(0, 29))
})

test('a run that has ended is not read again until the next run starts', async () => {
  write(0, 9)
  server.end()
  view.set(over(0))
  start()
  await seen(10)
  view.set(over(0))
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(server.requests).toHaveLength(1)
})

test('waits for a container that has no log yet', async () => {
  view.set({ ...running(0), started: false, running: false })
  start()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(server.requests).toHaveLength(0)
  view.set(running(0))
  write(0, 0)
  await seen(1)
})

test('the limits apply to the first stream only', async () => {
  write(0, 49)
  start({ tailLines: 2 })
  await seen(2)
  server.breakAll()
  write(50, 59)
  await seen(12)
  expect(lines).toEqual(numbers(48, 59))
})

test('earlier runs of a pod that was created meanwhile are read too', async () => {
  write(0, 9)
  server.end()
  server.begin()
  write(10, 19)
  view.set(running(1))
  start({ fresh: true })
  await seen(20)
  expect(lines).toEqual(numbers(0, 19))
})

test('ends when the pod is deleted', async () => {
  start()
  write(0, 9)
  await seen(10)
  view.set({ ...over(0), gone: true })
  server.end()
  await following
})
