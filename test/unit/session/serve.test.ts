import { mkdir, stat, writeFile } from 'node:fs/promises'
import http from 'node:http'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { LoopControl } from '../../../src/loop/control.ts'
import { askPage, askPause, askRebuild, askTrigger, followSession, readSession } from '../../../src/session/follow.ts'
import { session } from '../../../src/session/session.ts'
import { sessionSocket } from '../../../src/session/socket.ts'
import type { SessionEntry, SessionState } from '../../../src/session/state.ts'
import { facts, folder, served } from './served.ts'

vi.setConfig({ testTimeout: 30_000 })
const never = new AbortController().signal
/** Polls end when the test does; a busy machine is no failure. */
const patience = { timeout: 20_000 }

/** Follows the session on a socket until the end of the test. */
function follower(socket: string) {
  const states: (SessionState | undefined)[] = []
  const entries: SessionEntry[] = []
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const reader = {
    state: (state: SessionState | undefined) => void states.push(state),
    entries: ({ entries: more }: { entries: readonly SessionEntry[] }) => void entries.push(...more),
  }
  void followSession(socket, reader, stop.signal)
  return { phase: () => states.at(-1)?.phase, texts: () => entries.map(({ text }) => text) }
}

test('a session is read as it is, and followed', async () => {
  const socket = sessionSocket(await folder())
  const { of } = await served(socket)
  const seen = follower(socket)
  await expect.poll(seen.phase, patience).toBe('starting')
  of.phase('up')
  of.event({ type: 'watching', services: ['api'] }, 'Watching api.')
  await expect.poll(seen.texts, patience).toEqual(['The stack is up', 'Watching api.'])
  expect(await readSession(socket, never)).toEqual({ ...of.state(), phase: 'up', watched: ['api'] })
})

test('who looks for a session where none is, is told so once', async () => {
  const states: (SessionState | undefined)[] = []
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const reader = { state: (state: SessionState | undefined) => void states.push(state), entries() {} }
  const socket = sessionSocket(await folder())
  void followSession(socket, reader, stop.signal)
  await expect.poll(() => states, patience).toEqual([undefined])
  const { of } = await served(socket)
  await expect.poll(() => states.at(-1)?.pid, patience).toBe(of.state().pid)
  expect(states.filter((state) => state === undefined)).toHaveLength(1)
})

const control: LoopControl = {
  rebuild: () => false,
  trigger: () => 'unknown',
  pause() {},
  resume() {},
  isPaused: () => false,
}

test('saves are asked for and paused over the socket, by POST only', async () => {
  const socket = sessionSocket(await folder())
  const { of } = await served(socket)
  expect([await askTrigger(socket, 'api', never), await askPause(socket, 'pause', never)]).toEqual(['unknown', false])
  const asked: string[] = []
  of.onControl({
    ...control,
    trigger(service) {
      asked.push(service)
      return service === 'my api' ? 'sent' : service === 'web' ? 'nothing' : 'unknown'
    },
    pause: () => void asked.push('pause'),
    resume: () => void asked.push('resume'),
  })
  const answers = [await askTrigger(socket, 'my api', never), await askTrigger(socket, 'web', never)]
  expect([...answers, await askTrigger(socket, 'other', never)]).toEqual(['sent', 'nothing', 'unknown'])
  expect([await askPause(socket, 'pause', never), await askPause(socket, 'resume', never)]).toEqual([true, true])
  expect(asked).toEqual(['my api', 'web', 'other', 'pause', 'resume'])
  const got = await new Promise<number | undefined>((resolve, reject) => {
    http.get({ socketPath: socket, path: '/v1/pause' }, ({ statusCode }) => resolve(statusCode)).on('error', reject)
  })
  expect([got, asked.length]).toEqual([404, 5])
})

test('a session tells that it is paused, and what waits', () => {
  const of = session(facts, Date.now)
  expect(of.state()).toMatchObject({ paused: false, waiting: [] })
  of.event({ type: 'paused' }, '')
  const waiting = [{ service: 'api', files: 2 }]
  of.event({ type: 'held', service: 'api', paused: true, again: false, waiting }, '')
  expect(of.state()).toMatchObject({ paused: true, waiting })
  of.event({ type: 'triggered', service: 'api', count: 2, waiting: [] }, '')
  expect(of.state()).toMatchObject({ paused: true, waiting: [] })
  of.event({ type: 'resumed', count: 0, waiting: [] }, '')
  expect(of.state()).toMatchObject({ paused: false, waiting: [] })
})

test('who asks for a rebuild is told whether somebody builds the service', async () => {
  const socket = sessionSocket(await folder())
  const { of } = await served(socket)
  expect(await askRebuild(socket, 'api', never)).toBe(false)
  const asked: string[] = []
  of.onControl({ ...control, rebuild: (service) => asked.push(service) > 0 && service === 'my api' })
  expect(await askRebuild(socket, 'my api', never)).toBe(true)
  expect(await askRebuild(socket, 'other', never)).toBe(false)
  expect(asked).toEqual(['my api', 'other'])
})

test('who asks for the page is told where it is, if there is one', async () => {
  const socket = sessionSocket(await folder())
  const { of } = await served(socket)
  expect(await askPage(socket, never)).toBeUndefined()
  const address = { url: 'http://127.0.0.1:1/x/?token=t', api: 'http://127.0.0.1:1/api/v1', token: 't' }
  of.onPage(async () => address)
  expect(await askPage(socket, never)).toEqual(address)
  of.onPage(() => Promise.reject(new Error('no port')))
  await expect(askPage(socket, never)).rejects.toThrow('socket hang up')
})

test('only its owner can enter the folder of the socket', async () => {
  const socket = sessionSocket(await folder())
  await mkdir(dirname(socket), { mode: 0o755 })
  await served(socket)
  expect((await stat(dirname(socket))).mode & 0o777).toBe(0o700)
})

test('a socket of a killed devk is replaced, a stopped one is gone, and who follows finds the next one', async () => {
  const socket = sessionSocket(await folder())
  await mkdir(dirname(socket))
  await writeFile(socket, 'left over')
  const first = await served(socket)
  const seen = follower(socket)
  first.of.phase('up')
  await expect.poll(seen.texts, patience).toEqual(['The stack is up'])
  await first.stop()
  await expect.poll(seen.phase, patience).toBeUndefined()
  expect(await readSession(socket, never)).toBeUndefined()
  const second = await served(socket)
  second.of.phase('failed', new Error('no disk'))
  await expect.poll(seen.texts, patience).toEqual(['The stack is up', 'no disk'])
})

test('a reader that names its place gets only what came after it', async () => {
  const socket = sessionSocket(await folder())
  const { of } = await served(socket)
  for (const text of ['one', 'two']) of.event({ type: 'redeploying', reason: '' }, text)
  const read = (lastEventId?: string) =>
    new Promise<string>((resolve, reject) => {
      const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
      const request = http.get({ socketPath: socket, path: '/v1/events', headers }, (response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += chunk
          if (/event: entries\n.*\n\n/.test(text)) request.destroy()
        })
        response.on('close', () => resolve(text))
      })
      request.once('error', reject)
    })
  const id = /^id: (.*)$/m.exec(await read())?.[1]
  expect(id).toMatch(/-2$/)
  of.event({ type: 'redeployed', ms: 1 }, 'three')
  const again = await read(id)
  expect(again).toContain('three')
  expect(again).not.toContain('two')
})

test('a path that is too long for a socket is replaced by a short one, the same for all', async () => {
  const long = join(await folder(), 'x'.repeat(100))
  const socket = sessionSocket(long)
  expect(Buffer.byteLength(socket)).toBeLessThan(104)
  expect(socket).toBe(sessionSocket(long))
  expect(socket).not.toBe(sessionSocket(`${long}y`))
})
