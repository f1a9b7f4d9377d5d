import { mkdtemp, rm } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { waitingOn, waitingText } from '../../../../src/commands/status/waiting.ts'
import { readSession } from '../../../../src/session/follow.ts'
import { serveSession } from '../../../../src/session/serve.ts'
import { session } from '../../../../src/session/session.ts'
import { sessionSocket } from '../../../../src/session/socket.ts'

const never = new AbortController().signal
const command = 'devk dev'
const api = { service: 'api', files: 1 }

test.each([
  ['an older devk', { command }, []],
  ['nothing', { command, paused: false, waiting: [] }, []],
  ['a pause', { command, paused: true, waiting: [] }, ['devk dev is paused. devk resume ends the pause.']],
  [
    'saves in a pause',
    { command, paused: true, waiting: [api, { service: null, files: 2 }] },
    ['devk dev is paused, and 3 saved files wait. devk resume ends the pause.'],
  ],
  [
    'saves of manual services',
    { command, paused: false, waiting: [api, { service: 'web', files: 2 }] },
    [
      '1 saved file of api waits. devk trigger api sends it.',
      '2 saved files of web wait. devk trigger web sends them.',
    ],
  ],
])('status says what waits: %s', (_what, state, texts) => {
  expect(waitingText(state)).toEqual(texts)
})

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'devk-waiting-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

test('it is read from the devk that runs, and nothing is said when none does', async () => {
  const socket = sessionSocket(await folder())
  expect(await waitingOn(socket, never)).toEqual({ session: null, warnings: [], locals: [] })
  const of = session({ project: 'todo', devk: '0.1.0', command, pid: 7, background: false, asked: '' }, Date.now)
  const end = new AbortController()
  const done = serveSession(of, socket, end.signal)
  onTestFinished(() => {
    end.abort()
    return done
  })
  await expect.poll(() => readSession(socket, never), { timeout: 20_000 }).toBeDefined()
  of.event({ type: 'paused' }, '')
  const web = { type: 'local', service: 'web', output: '', dependsOn: ['api'], urls: ['http://x'] } as const
  of.event({ ...web, state: 'running', reason: undefined }, '')
  of.event({ ...web, state: 'failed', reason: 'exit code 1' }, '')
  expect(await waitingOn(socket, never, 20_000)).toEqual({
    session: { command, pid: 7, since: of.state().since, phase: 'starting', background: false },
    warnings: ['devk dev is paused. devk resume ends the pause.'],
    locals: [{ name: 'web', state: 'failed', reason: 'exit code 1', dependsOn: ['api'], urls: ['http://x'] }],
  })
})

test('a devk that does not answer holds nothing up', async () => {
  const socket = join(await folder(), 'v1.sock')
  const silent = net.createServer(() => {})
  onTestFinished(() => void silent.close())
  await new Promise<void>((resolve) => silent.listen(socket, resolve))
  expect(await waitingOn(socket, never, 50)).toEqual({ session: null, warnings: [], locals: [] })
})
