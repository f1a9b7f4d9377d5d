import { PassThrough } from 'node:stream'
import { expect, test, vi } from 'vitest'
import { runAttach } from '../../../src/commands/attach.ts'
import { runStop } from '../../../src/commands/stop.ts'
import type { EndedBy } from '../../../src/session/session.ts'
import { servedStack } from './served-stack.ts'

vi.setConfig({ testTimeout: 30_000 })
const patience = { timeout: 20_000 }

/** What a command writes to stdout, while it runs. */
function reading() {
  let text = ''
  const stdout = new PassThrough()
  stdout.on('data', (chunk) => {
    text += chunk
  })
  return { stdout, read: () => text }
}

test('without a devk that runs, both commands say what to run', async () => {
  const { ctx } = await servedStack()
  const none = { code: 'NOT_READY', message: 'No devk watches this stack' }
  await expect(runAttach(ctx, [], {})).rejects.toMatchObject(none)
  await expect(runStop(ctx, [], {})).rejects.toMatchObject(none)
})

test('attach shows what happened and what happens, and ends when that devk does', async () => {
  const { ctx, serve, said } = await servedStack()
  const { of, end } = await serve()
  of.phase('up')
  of.event({ type: 'watching', services: ['api'] }, 'Watching api.')
  const { stdout, read } = reading()
  const attached = runAttach({ ...ctx, stdout, json: false, color: false, clock: Date.now }, [], {})
  await expect.poll(read, patience).toMatch(/^\d\d:\d\d:\d\d devk {6}The stack is up\n.* devk {6}Watching api\.\n$/)
  of.event({ type: 'paused' }, 'paused')
  await expect.poll(read, patience).toMatch(/paused\n$/)
  await end()
  expect(await attached).toBe(0)
  const text = said()
  expect(text).toMatch(/^devk dev \(pid 7\): runs for .*, the stack is up, watches api\. Ctrl-C leaves it running/)
  expect(text).toMatch(/devk dev has ended\. The stack stays up\.\n$/)
})

test('with --json each line is an object, and Ctrl-C leaves that devk running', async () => {
  const { ctx, serve } = await servedStack()
  const { of } = await serve()
  of.event({ type: 'watching', services: ['api'] }, 'Watching api.')
  const { stdout, read } = reading()
  const leave = new AbortController()
  const attached = runAttach({ ...ctx, stdout, json: true, signal: leave.signal }, [], {})
  await expect.poll(read, patience).toContain('\n')
  expect(JSON.parse(read())).toMatchObject({ service: null, type: 'watching', text: 'Watching api.' })
  leave.abort()
  expect(await attached).toBe(130)
  expect(of.state().watched).toEqual(['api'])
})

test('stop ends that devk, and waits until it has ended', async () => {
  const { ctx, serve, said } = await servedStack()
  const { of, end } = await serve()
  await expect(runStop(ctx, [], {})).rejects.toMatchObject({
    code: 'NOT_READY',
    message: 'devk dev (pid 7) brings the stack up and cannot be stopped yet',
  })
  const left = Promise.withResolvers<EndedBy>()
  of.onLeave(left.resolve)
  let done = false
  const stopped = runStop(ctx, [], {}).then((code) => {
    done = true
    return code
  })
  expect(await left.promise).toBe('stop')
  expect(done).toBe(false)
  await end()
  expect(await stopped).toBe(0)
  expect(said()).toBe('devk dev has ended. The stack stays up; devk down removes it.\n')
})

test('stop --json names the devk that has ended', async () => {
  const { ctx, serve } = await servedStack()
  const { of, end } = await serve()
  of.onLeave(() => void end())
  const { stdout, read } = reading()
  expect(await runStop({ ...ctx, stdout, json: true }, [], {})).toBe(0)
  expect(JSON.parse(read())).toEqual({ ended: { command: 'devk dev', pid: 7 } })
})
