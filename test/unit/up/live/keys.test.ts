import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keyCommands } from '../../../../src/commands/up.ts'
import type { CliContext } from '../../../../src/context.ts'
import type { LoopControl } from '../../../../src/loop/control.ts'
import { type LiveKeysOptions, liveKeys } from '../../../../src/up/live/keys.ts'
import { servedOnce } from '../../../../src/up/live/page.ts'
import type { KeyCommands } from '../../../../src/up/options.ts'
import { fakeRunner } from '../../../fakes/runner.ts'

const url = 'http://localhost:30080'
let over: AbortController
beforeEach(() => {
  over = new AbortController()
})
afterEach(() => over.abort())

const noPage = () => Promise.reject(new Error('no page'))

function keyboard(
  first: string | undefined,
  commands: KeyCommands = keyCommands,
  page: LiveKeysOptions['page'] = noPage,
) {
  const stdin = new PassThrough()
  const said: string[] = []
  const state = { failure: undefined as string | undefined, control: undefined as LoopControl | undefined }
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open'
  const runner = fakeRunner({ [`${opener} ${url}`]: '' })
  const left = Promise.withResolvers<void>()
  const ctx = { stdin, screen: new PassThrough(), runner, env: {}, signal: over.signal } as unknown as CliContext
  const say = (text: string) => void said.push(text)
  const lastFailure = () => state.failure
  const { signal } = over
  const control = () => state.control
  const keys = liveKeys(ctx, { commands, url: first, page, lastFailure, control, leave: left.resolve, say, signal })
  const type = async (text: string) => {
    const heard = once(stdin, 'data')
    stdin.write(text)
    await heard
  }
  return { keys, said, state, runner, type, left: left.promise }
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

test('w serves the page once and opens it each time; after a failure it tries again', async () => {
  const opened: string[] = []
  let served = 0
  const page = servedOnce(async () => {
    served += 1
    if (served === 1) throw new Error('no port')
    return { url: `http://127.0.0.1/${served}`, api: '', token: '' }
  })
  const open = async (_ctx: CliContext, address: string) => void opened.push(address)
  const { type, said } = keyboard(undefined, { ...keyCommands, open }, page)
  await type('w')
  await expect.poll(() => said).toEqual(['no port'])
  await type('w')
  await type('w')
  await expect.poll(() => opened).toEqual(['http://127.0.0.1/2', 'http://127.0.0.1/2'])
  expect([served, said.at(-1)]).toEqual([2, 'opening http://127.0.0.1/2'])
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

test('e prints the output of the command that failed last', async () => {
  const { type, said, state } = keyboard(undefined)
  await type('e')
  state.failure = 'npm ci failed with exit code 1\nmissing: left-pad'
  await type('e')
  expect(said).toEqual(['no command has failed', 'npm ci failed with exit code 1\nmissing: left-pad'])
})

test('p pauses and resumes', async () => {
  const { type, said, state } = keyboard(undefined)
  await type('p')
  expect(said).toEqual(['nothing is watched yet'])
  let paused = false
  const did: string[] = []
  state.control = {
    rebuild: () => false,
    trigger: () => 'unknown',
    pause() {
      paused = true
      did.push('pause')
    },
    resume() {
      paused = false
      did.push('resume')
    },
    isPaused: () => paused,
  }
  await type('p')
  await type('p')
  expect(did).toEqual(['pause', 'resume'])
})
