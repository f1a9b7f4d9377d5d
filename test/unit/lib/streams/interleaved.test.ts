import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { interleaved } from '../../../../src/lib/streams/interleaved.ts'

const never = new AbortController().signal

async function* counted(name: string, count: number, onStop = () => {}): AsyncGenerator<string> {
  try {
    for (let index = 0; index < count; index++) yield `${name}${index}`
  } finally {
    onStop()
  }
}

/** Yields nothing until the signal. */
async function* silent(signal: AbortSignal, onStop = () => {}): AsyncGenerator<string> {
  await new Promise((done) => signal.addEventListener('abort', done))
  onStop()
}

const all = async (values: AsyncIterable<string>) => {
  const read: string[] = []
  for await (const value of values) read.push(value)
  return read
}

test('each value comes once, those of a source in their order, and no source is left behind', async () => {
  const read = await all(interleaved(() => [counted('a', 500), counted('b', 500)], never))
  for (const name of ['a', 'b']) {
    expect(read.filter((value) => value.startsWith(name))).toEqual(await all(counted(name, 500)))
  }
  expect(read.slice(0, 100).some((value) => value.startsWith('b'))).toBe(true)
})

test('a source that is silent keeps nobody waiting, and its consumer can stop', async () => {
  const stopped: string[] = []
  const start = (signal: AbortSignal) => [
    silent(signal, () => stopped.push('silent')),
    counted('a', 1000, () => stopped.push('a')),
  ]
  for await (const value of interleaved(start, never)) if (value === 'a3') break
  expect(stopped.sort()).toEqual(['a', 'silent'])
})

test('a source is not read ahead of its consumer', async () => {
  let given = 0
  async function* source() {
    for (;;) yield given++
  }
  for await (const value of interleaved(() => [source()], never)) {
    await sleep(1)
    expect(given - value).toBeLessThan(4)
    if (value === 20) break
  }
})

test('the signal ends all sources, and a source that fails ends the others and is told', async () => {
  const stop = new AbortController()
  const ended = all(interleaved((signal) => [silent(signal), silent(signal)], stop.signal))
  stop.abort()
  expect(await ended).toEqual([])
  async function* failing(): AsyncGenerator<string> {
    yield 'one'
    throw new Error('lost')
  }
  const stopped: string[] = []
  const both = interleaved((signal) => [failing(), silent(signal, () => stopped.push('silent'))], never)
  expect((await both.next()).value).toBe('one')
  await expect(both.next()).rejects.toThrow('lost')
  expect(stopped).toEqual(['silent'])
})
