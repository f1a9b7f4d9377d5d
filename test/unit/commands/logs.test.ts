import { PassThrough } from 'node:stream'
import { expect, test, vi } from 'vitest'
import { runLogs } from '../../../src/commands/logs/logs.ts'
import { servedStack } from './served-stack.ts'

vi.setConfig({ testTimeout: 30_000 })
const patience = { timeout: 20_000 }
const flags = { follow: false }
const line = (text: string, service = 'web') => ({ service, time: '2026-11-29T12:00:01.000Z', text })

/** A devk that runs two programs of this machine, and `devk logs` without a cluster. */
async function programs() {
  const { ctx, serve } = await servedStack()
  const { of } = await serve()
  for (const service of ['web', 'worker']) {
    const about = { service, dependsOn: [], urls: [], reason: undefined, output: '' }
    of.event({ type: 'local', state: 'running', ...about }, '')
    of.line(line(`of ${service}`, service))
  }
  const stdout = new PassThrough()
  let text = ''
  stdout.on('data', (chunk) => {
    text += chunk
  })
  return { of, ctx: { ...ctx, stdout, json: false, color: false, clock: Date.now }, read: () => text }
}

test('lines of programs of this machine are printed by name, also while the cluster is away', async () => {
  const { ctx, read } = await programs()
  expect(await runLogs(ctx, ['web'], flags)).toBe(0)
  expect(await runLogs({ ...ctx, json: true }, ['worker', 'web'], { ...flags, grep: /worker/ })).toBe(0)
  expect(read()).toBe(`web of web\n${JSON.stringify(line('of worker', 'worker'))}\n`)
})

test('with --follow new lines are printed until Ctrl-C', async () => {
  const { ctx, of, read } = await programs()
  const leave = new AbortController()
  const done = runLogs({ ...ctx, signal: leave.signal }, ['web'], { follow: true, tail: 1 })
  await expect.poll(read, patience).toBe('web of web\n')
  of.line(line('not asked for', 'worker'))
  of.line(line('new'))
  await expect.poll(read, patience).toBe('web of web\nweb new\n')
  leave.abort()
  expect(await done).toBe(130)
})

test('a name that no program has is asked of the cluster', async () => {
  const { ctx } = await programs()
  await expect(runLogs(ctx, ['web', 'backend'], flags)).rejects.toMatchObject({ code: 'CLUSTER_MISSING' })
})
