import { readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { SessionEvent } from '../../../../src/loop/events.ts'
import { pulling } from '../../../../src/up/live/pull.ts'
import { localExec } from '../../../support/local-exec.ts'
import { folder } from '../../config/support.ts'
import { configOf } from '../../stack/support.ts'

const container = (id: string) => ({
  ...{ service: 'web', pod: { namespace: 'shop', name: 'web-1' }, container: 'web', containerId: id, node: 'n' },
})

/** Looks into a folder that plays the container of a service, as devk dev does, but often. */
function setup(exec = localExec) {
  const root = folder({ 'there/lock': 'new', 'here/lock': 'old' })
  utimesSync(join(root, 'here/lock'), 1000, 1000)
  const sync = [{ from: 'here', to: join(root, 'there'), pull: ['lock'], exclude: [], run: [], restart: false }]
  const { services } = configOf({ services: { web: { image: 'web', sync } } })
  const web = services.web as (typeof services)[string]
  const resolved = { web: { ...web, sync: sync.map((rule) => ({ ...rule, from: join(root, rule.from) })) } }
  const events: SessionEvent[] = []
  const state = { paused: false, containers: [container('c1')] }
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const pulled = pulling(
    {
      services: () => resolved,
      pods: { running: () => state.containers },
      streams: { exec },
      isPaused: () => state.paused,
      report: (event) => void events.push(event),
      intervalMs: 20,
    },
    stop.signal,
  )
  return { root, here: join(root, 'here/lock'), there: join(root, 'there/lock'), events, state, stop, pulled }
}

test('a newer file is brought back and told, and is known as brought back until it is saved here', async () => {
  const { here, events, stop, pulled } = setup()
  await expect.poll(() => events).toEqual([{ type: 'pulled', service: 'web', pod: 'web-1', files: [here] }])
  expect(readFileSync(here, 'utf8')).toBe('new')
  expect(pulled.isPulled(here)).toBe(true)
  writeFileSync(here, 'mine')
  expect(pulled.isPulled(here)).toBe(false)
  stop.abort()
  await pulled.done
})

test('in a pause the files of this machine stay as they are', async () => {
  const { here, there, events, state } = setup()
  await expect.poll(() => events.length).toBe(1)
  state.paused = true
  await new Promise((done) => setTimeout(done, 60))
  writeFileSync(there, 'newest')
  utimesSync(there, Date.now() / 1000 + 10, Date.now() / 1000 + 10)
  await new Promise((done) => setTimeout(done, 100))
  expect(readFileSync(here, 'utf8')).toBe('new')
  state.paused = false
  await expect.poll(() => readFileSync(here, 'utf8')).toBe('newest')
})

test('a container without the programs is told once', async () => {
  const { events, here } = setup(async () => 127)
  await expect.poll(() => events.length).toBe(1)
  await new Promise((done) => setTimeout(done, 100))
  expect(events).toMatchObject([{ type: 'warning', warning: { message: expect.stringMatching(/has no sh, find/) } }])
  expect(readFileSync(here, 'utf8')).toBe('old')
})
