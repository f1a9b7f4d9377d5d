import { expect, test } from 'vitest'
import { latestOnly } from '../../../src/lib/latest.ts'

test('a new trigger aborts the running one, and of the waiting ones only the newest runs', async () => {
  const log: string[] = []
  let n = 0
  const trigger = latestOnly(async (signal) => {
    const id = ++n
    log.push(`start ${id}`)
    await new Promise<void>((resolve) => {
      if (id > 1) resolve()
      signal.addEventListener('abort', () => resolve())
    })
    log.push(`end ${id}${signal.aborted ? ' aborted' : ''}`)
  })
  const first = trigger()
  await Promise.resolve()
  await Promise.resolve()
  await Promise.all([first, trigger(), trigger()])
  expect(log).toEqual(['start 1', 'end 1 aborted', 'start 2', 'end 2'])
})

test('a failed run rejects for its caller and does not stop the next one', async () => {
  let fail = true
  const trigger = latestOnly(async () => {
    if (fail) throw new Error('broken build')
  })
  await expect(trigger()).rejects.toThrow('broken build')
  fail = false
  await expect(trigger()).resolves.toBeUndefined()
})
