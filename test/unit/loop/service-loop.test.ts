import { expect, test } from 'vitest'
import type { SyncFile } from '../../../src/sync/syncer.ts'
import { change, save, startLoop, target } from './service-loop-support.ts'

test('a save reaches every running container', async () => {
  const { state, log, loop, settle } = startLoop()
  state.running = [target('1'), target('2')]
  loop.podsChanged()
  await settle()
  loop.act(save('a'))
  await settle()
  expect(log).toEqual(['1 gets /app/a', '2 gets /app/a', 'synced: /app/a'])
})

test('a new container gets all files that were saved since the build', async () => {
  const { state, log, loop, settle } = startLoop()
  state.running = [target('1')]
  loop.podsChanged()
  loop.act(save('a'))
  await settle()
  loop.act(save('b'))
  await settle()
  log.length = 0
  state.running = [target('2')]
  loop.podsChanged()
  await settle()
  expect(log).toEqual(['2 gets /app/a /app/b', 'synced again: /app/a /app/b'])
})

test('after a build the new container gets only the files that were saved during it', async () => {
  const { state, log, builds, loop, settle } = startLoop()
  state.running = [target('1')]
  loop.act(save('a'))
  await settle()
  loop.act(change('package.json changed'))
  await settle()
  loop.act(save('b'))
  await settle()
  state.running = [target('2')]
  builds[0]?.resolve([])
  await settle()
  loop.podsChanged()
  await settle()
  expect(log).toEqual([
    '1 gets /app/a',
    'synced: /app/a',
    'rebuilding: package.json changed',
    '1 gets /app/b',
    'synced: /app/b',
    'ready',
    '2 gets /app/b',
    'synced again: /app/b',
  ])
})

test('a newer change cancels a build', async () => {
  const { log, builds, loop, settle } = startLoop()
  loop.act(change('one'))
  await settle()
  loop.act(change('two'))
  await settle()
  expect(builds.map((build) => build.signal.aborted)).toEqual([true, false])
  builds[1]?.resolve([])
  await settle()
  expect(log).toEqual(['rebuilding: one', 'rebuilding: two', 'ready'])
})

test('a container that starts during a build gets the newest state of every file, not an older deletion', async () => {
  const { state, log, loop, settle } = startLoop()
  loop.act({ service: 'backend', action: 'sync', files: [{ kind: 'delete', to: '/app/a', directory: false }] })
  loop.act(change('package.json changed', [{ kind: 'write', from: '/src/a', to: '/app/a' }]))
  await settle()
  log.length = 0
  state.running = [target('2')]
  const sent: (readonly SyncFile[])[] = []
  state.sends = (files) => void sent.push(files)
  loop.podsChanged()
  await settle()
  expect(sent).toEqual([[{ kind: 'write', from: '/src/a', to: '/app/a' }]])
})
