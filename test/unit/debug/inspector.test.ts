import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { debuggerFor } from '../../../src/debug/detect.ts'

const never = new AbortController().signal
const report = { version: 'v22.0.0', processes: [{ pid: 1, parent: 0, argv: [], options: '', listens: [] }] }
const run = async () => ({ exitCode: 0, output: `devk:${JSON.stringify(report)}` })
const place = { pod: { namespace: 'shop', name: 'web-1' }, container: 'web' }

/** Whether anything listens on a port of this machine. */
const listens = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true))
    socket.on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })

test('the inspector of a program is closed, and the program goes on', async () => {
  const child = spawn(process.execPath, ['--inspect=127.0.0.1:0', '-e', 'setInterval(() => {}, 1000)'])
  onTestFinished(() => void child.kill('SIGKILL'))
  const said = await new Promise<string>((resolve) => child.stderr.once('data', (chunk) => resolve(String(chunk))))
  const port = Number(/ws:\/\/127\.0\.0\.1:(\d+)\//.exec(said)?.[1])
  expect(await listens(port)).toBe(true)
  const debug = await debuggerFor(
    run,
    place,
    { debugpy: async () => Buffer.alloc(0), ofImage: async () => undefined },
    never,
  )
  await debug.close(async () => connect(port, '127.0.0.1'), AbortSignal.timeout(20_000))
  await expect.poll(() => listens(port), { timeout: 10_000 }).toBe(false)
  expect([child.exitCode, child.signalCode]).toEqual([null, null])
}, 30_000)
