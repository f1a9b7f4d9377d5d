import { afterEach, beforeEach, expect, test } from 'vitest'
import { bringing } from '../../../src/up/bringing.ts'

let over: AbortController
beforeEach(() => {
  over = new AbortController()
})
afterEach(() => over.abort())

/** A stack that comes up when the test says so. */
function stack() {
  const attempts: { signal: AbortSignal; succeed(): void; fail(): void }[] = []
  const failures: unknown[] = []
  const attempt = (signal: AbortSignal) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const number = attempts.length
    signal.addEventListener('abort', () => reject(signal.reason))
    attempts.push({
      signal,
      succeed: () => resolve(`attempt ${number}`),
      fail: () => reject(new Error(`not ${number}`)),
    })
    return promise
  }
  const stop = new AbortController()
  const first = { work: attempt(stop.signal), stop }
  const comingUp = bringing({ first, run: attempt, onFailed: (error) => failures.push(error) }, over.signal)
  return { attempts, failures, comingUp }
}
const soon = () => new Promise((done) => setImmediate(done))

test('the attempt that runs already brings the stack up, and nothing is tried after it', async () => {
  const { attempts, comingUp } = stack()
  attempts[0]?.succeed()
  expect(await comingUp.up).toBe('attempt 0')
  comingUp.again()
  comingUp.retry()
  await soon()
  expect(attempts).toHaveLength(1)
})

test('a rebuild starts the attempt over, once the old one has ended', async () => {
  const { attempts, failures, comingUp } = stack()
  comingUp.again()
  await soon()
  expect(attempts.map(({ signal }) => signal.aborted)).toEqual([true, false])
  attempts[1]?.succeed()
  expect(await comingUp.up).toBe('attempt 1')
  expect(failures).toEqual([])
})

test('a sync leaves an attempt that still waits, and repeats one that has failed', async () => {
  const { attempts, failures, comingUp } = stack()
  comingUp.retry()
  await soon()
  expect(attempts).toHaveLength(1)
  attempts[0]?.fail()
  await soon()
  expect(failures).toEqual([new Error('not 0')])
  comingUp.retry()
  await soon()
  attempts[1]?.succeed()
  expect(await comingUp.up).toBe('attempt 1')
})

test('of several saves only the newest attempt runs', async () => {
  const { attempts, comingUp } = stack()
  comingUp.again()
  comingUp.again()
  comingUp.again()
  await soon()
  expect(attempts).toHaveLength(2)
})

test('after a stop, nothing runs until the stack is brought up again', async () => {
  const { attempts, failures, comingUp } = stack()
  await comingUp.stop()
  expect(attempts[0]?.signal.aborted).toBe(true)
  expect(failures).toEqual([])
  comingUp.again()
  await soon()
  expect(attempts).toHaveLength(2)
  over.abort()
  comingUp.again()
  await soon()
  expect(attempts).toHaveLength(2)
})
