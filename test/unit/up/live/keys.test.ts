import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keyCommands } from '../../../../src/commands/up.ts'
import type { CliContext } from '../../../../src/context.ts'
import { liveKeys } from '../../../../src/up/live/keys.ts'
import { fakeRunner } from '../../../fakes/runner.ts'

const url = 'http://localhost:30080'
let over: AbortController
beforeEach(() => {
  over = new AbortController()
})
afterEach(() => over.abort())

function keyboard(first: string | undefined) {
  const stdin = new PassThrough()
  const said: string[] = []
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open'
  const runner = fakeRunner({ [`${opener} ${url}`]: '' })
  const left = Promise.withResolvers<void>()
  const ctx = { stdin, screen: new PassThrough(), runner, signal: over.signal } as unknown as CliContext
  const say = (text: string) => void said.push(text)
  const keys = liveKeys(ctx, { commands: keyCommands, url: first, leave: left.resolve, say, signal: over.signal })
  const type = async (text: string) => {
    const heard = once(stdin, 'data')
    stdin.write(text)
    await heard
  }
  return { keys, said, runner, type, left: left.promise }
}

test('o opens the first URL and prints it', async () => {
  const { type, said, runner } = keyboard(url)
  await type('o')
  expect(said).toEqual([`opening ${url}`])
  expect(runner.calls).toHaveLength(1)
})

test('o reports that there is nothing to open', async () => {
  const { type, said, runner } = keyboard(undefined)
  await type('o')
  expect(said).toEqual(['no service has a URL'])
  expect(runner.calls).toEqual([])
})

test('l hides and shows the logs, q leaves; upper case works as well', async () => {
  const { keys, type, left } = keyboard(undefined)
  expect(keys.logsShown()).toBe(true)
  await type('l')
  expect(keys.logsShown()).toBe(false)
  await type('l')
  expect(keys.logsShown()).toBe(true)
  await type('Q')
  await left
})
