import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { kitTurn } from '../../../src/kit/turn.ts'
import { acquireLock } from '../../../src/state/lock.ts'
import { folder } from '../state/support.ts'

/** The lock of a kit that another devk holds. */
async function held(name: string) {
  const path = join(folder(), name)
  const { signal } = new AbortController()
  const other = await acquireLock({ path, command: 'devk kit build loki', pid: 7, signal })
  onTestFinished(() => other.release())
  const waits: string[] = []
  const turn = (isDone: () => boolean) =>
    kitTurn({
      path,
      command: 'devk kit build redis',
      signal,
      isDone: async () => isDone(),
      onWait: (holder) => waits.push(holder),
      everyMs: 60,
    })
  return { other, waits, turn }
}

test('a build waits for another one, and names it once', async () => {
  const { other, waits, turn } = await held('named')
  let looks = 0
  const waiting = turn(() => {
    looks += 1
    return false
  })
  await expect.poll(() => looks).toBeGreaterThan(1)
  expect(waits).toEqual(['devk kit build loki (pid 7)'])
  await other.release()
  await (await waiting)?.release()
})

test('a build waits no longer than until what it needs exists, although the other one goes on', async () => {
  const { turn } = await held('done')
  expect(await turn(() => true)).toBeUndefined()
})
