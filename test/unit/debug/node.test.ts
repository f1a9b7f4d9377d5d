import { expect, test } from 'vitest'
import { debuggerFor } from '../../../src/debug/detect.ts'
import type { Place, RunProgram } from '../../../src/debug/in-container.ts'
import { openNode } from '../../../src/debug/node.ts'
import type { NodeProcess } from '../../../src/debug/node-processes.ts'

const place: Place = { pod: { namespace: 'shop', name: 'web-1' }, container: 'web' }
const sources = { debugpy: () => Promise.reject(new Error('nothing is fetched')), ofImage: async () => undefined }
const never = new AbortController().signal

/** A container with this program and one process of it, whose inspector opens on SIGUSR1 unless it is stubborn. */
function container(program: string, more: Partial<NodeProcess> = {}, stubborn = false) {
  const signalled: string[] = []
  const run: RunProgram = async (_place, [name = '', , , pid]) => {
    if (name !== program) return undefined
    if (pid !== undefined) signalled.push(pid)
    const opened = signalled.length > 0 && !stubborn ? [{ port: 9229, loopback: true }] : []
    const process = { pid: 7, parent: 1, argv: ['node', 'server.js'], options: '', worker: false, cwd: '/app' }
    const listens = [{ port: 80, loopback: false }, ...(more.listens ?? []), ...opened]
    const report = { version: 'v22.0.0', processes: [{ ...process, ...more, listens }] }
    return { exitCode: 0, output: `a line of NODE_OPTIONS\ndevk:${JSON.stringify(report)}\n` }
  }
  return { run, signalled }
}

test('the inspector of a running program is opened once, by the Node of an image without a shell too', async () => {
  const { run, signalled } = container('/nodejs/bin/node')
  const debug = await debuggerFor(run, place, sources, never)
  const first = await debug.open(run, place, never)
  expect(first).toEqual({ port: 9229, own: false, cwd: '/app', text: 'Node v22.0.0, process 7: node server.js' })
  expect(await debug.open(run, place, never)).toEqual(first)
  expect(signalled).toEqual(['7'])
})

test('an inspector that the command has opened is used as it is', async () => {
  const inspecting = { argv: ['node', '--inspect=0.0.0.0:7000'], listens: [{ port: 7000, loopback: false }] }
  const { run, signalled } = container('node', inspecting)
  expect(await openNode(run, place, never)).toMatchObject({ port: 7000, own: true })
  expect(signalled).toEqual([])
})

test('a process that does not open its inspector is an error with its command', async () => {
  const { run } = container('node', {}, true)
  await expect(openNode(run, place, never)).rejects.toMatchObject({
    code: 'DEBUG_UNAVAILABLE',
    details: ['Its command: node server.js'],
  })
})

test('a container without a runtime is an error that says what was looked for, and where', async () => {
  const missing: RunProgram = async () => undefined
  await expect(debuggerFor(missing, place, sources, never)).rejects.toMatchObject({
    code: 'DEBUG_UNAVAILABLE',
    message: expect.stringContaining('container web'),
    details: expect.arrayContaining([
      expect.stringContaining('shop/web-1'),
      expect.stringContaining('/nodejs/bin/node'),
    ]),
  })
  await expect(openNode(missing, place, never)).rejects.toMatchObject({ code: 'DEBUG_UNAVAILABLE' })
})

test('a Node that fails shows the end of its output', async () => {
  const failing: RunProgram = async () => ({ exitCode: 1, output: 'node: bad option\n' })
  await expect(debuggerFor(failing, place, sources, never)).rejects.toMatchObject({ details: ['node: bad option'] })
})
