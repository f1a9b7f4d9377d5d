import { expect, onTestFinished, test } from 'vitest'
import { DevkError } from '../../../src/errors.ts'
import { abortable, untilFound, waitUntil } from '../../../src/lib/wait.ts'

const signal = new AbortController().signal

test('each new reason is reported once, and the error has the last one', async () => {
  const answers = ['pulling', 'pulling', 'starting', undefined]
  const reasons: string[] = []
  await waitUntil(async () => answers.shift(), {
    what: 'Pod a',
    timeoutMs: 10_000,
    intervalMs: 1,
    signal,
    onReason: (reason) => reasons.push(reason),
  })
  expect(reasons).toEqual(['pulling', 'starting'])
})

test('the timeout names what was missing', async () => {
  const waiting = waitUntil(async () => 'ImagePullBackOff', { what: 'Pod a', timeoutMs: 0, signal })
  await expect(waiting).rejects.toMatchObject({
    code: 'NOT_READY',
    exitCode: 3,
    message: 'Pod a was not ready in 0 s: ImagePullBackOff',
  })
})

test('an abort ends the wait with its reason', async () => {
  const abort = new AbortController()
  const check = async () => {
    abort.abort(new Error('stop'))
    return 'still'
  }
  await expect(waitUntil(check, { what: 'x', timeoutMs: 10_000, signal: abort.signal })).rejects.toThrow()
  await expect(waitUntil(check, { what: 'x', timeoutMs: 10_000, signal: abort.signal })).rejects.toThrow('stop')
})

test('an abort ends the wait for a promise, which otherwise gives its value', async () => {
  const abort = new AbortController()
  expect(await abortable(Promise.resolve('value'), abort.signal)).toBe('value')
  const waiting = abortable(new Promise(() => {}), abort.signal)
  abort.abort(new Error('stop'))
  await expect(waiting).rejects.toThrow('stop')
  await expect(abortable(Promise.resolve('value'), abort.signal)).rejects.toThrow('stop')
})

test('a promise that fails after nobody waits for it any more does not end devk', async () => {
  const unhandled: unknown[] = []
  const listener = (error: unknown) => unhandled.push(error)
  process.on('unhandledRejection', listener)
  onTestFinished(() => void process.off('unhandledRejection', listener))
  const late = Promise.withResolvers<void>()
  await expect(abortable(late.promise, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop')
  late.reject(new Error('too late'))
  // Node reports an unhandled rejection after the microtasks.
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(unhandled).toEqual([])
})

test('a search ends with what was found, with its own error at the deadline, or with the reason of the signal', async () => {
  const late = () => new DevkError('NOT_READY', 'nothing is there')
  const often = { timeoutMs: 10_000, intervalMs: 1, late, signal }
  const answers = [undefined, undefined, 0]
  expect(await untilFound(async () => answers.shift(), often)).toBe(0)
  const nothing = async () => undefined
  await expect(untilFound(nothing, { ...often, timeoutMs: -1 })).rejects.toThrow('nothing is there')
  const stopped = { ...often, intervalMs: 10_000, signal: AbortSignal.timeout(5) }
  await expect(untilFound(nothing, stopped)).rejects.toThrow()
})
