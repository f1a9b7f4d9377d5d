import { expect, test } from 'vitest'
import type { ServiceLoop } from '../../../src/loop/service-loop.ts'
import { broken, change, save, startLoop, target } from './service-loop-support.ts'

test.each([
  ['a save', (loop: ServiceLoop) => loop.act(save('a'))],
  ['saving again without a change', (loop: ServiceLoop) => loop.retry()],
])('after a failed build %s builds again', async (_, saveAgain) => {
  const { log, builds, loop, settle } = startLoop()
  loop.act(change('Dockerfile changed'))
  await settle()
  builds[0]?.reject(new Error('no such package'))
  await settle()
  saveAgain(loop)
  await settle()
  builds[1]?.resolve([])
  await settle()
  expect(log).toEqual([
    'rebuilding: Dockerfile changed',
    'failed rebuild: no such package',
    'rebuilding: Dockerfile changed',
    'ready',
  ])
})

test('a save deletes a pod in back-off, and the new pod gets the files', async () => {
  const { state, log, loop, settle } = startLoop()
  state.broken = [broken('1')]
  loop.podsChanged()
  await settle()
  loop.act(save('a'))
  await settle()
  state.broken = []
  state.running = [target('2')]
  loop.podsChanged()
  await settle()
  expect(log).toEqual(['crashed', 'restarting', 'deletes pod-1', '2 gets /app/a', 'synced: /app/a'])
})

test('saving again without a change deletes a pod in back-off too', async () => {
  const { state, log, loop, settle } = startLoop()
  loop.act(save('a'))
  await settle()
  state.broken = [broken('1')]
  loop.podsChanged()
  loop.retry()
  await settle()
  state.broken = []
  state.running = [target('2')]
  loop.podsChanged()
  await settle()
  expect(log).toEqual(['crashed', 'restarting', 'deletes pod-1', '2 gets /app/a', 'synced: /app/a'])
})

test('when the new pod crashes before it gets the files, the image is built', async () => {
  const { state, log, loop, settle } = startLoop()
  state.broken = [broken('1')]
  loop.podsChanged()
  loop.act(save('a'))
  await settle()
  state.broken = [broken('2')]
  loop.podsChanged()
  await settle()
  expect(log.slice(-2)).toEqual(['crashed', 'rebuilding: the container crashed before the files reached it'])
})

test('a crash is reported once, and does not build by itself', async () => {
  const { state, log, builds, loop, settle } = startLoop()
  state.broken = [broken('1')]
  loop.podsChanged()
  loop.podsChanged()
  await settle()
  expect(log).toEqual(['crashed'])
  expect(builds).toEqual([])
})

test('a container that got files and ends has crashed after the sync', async () => {
  const { state, log, loop, settle } = startLoop()
  state.running = [target('1')]
  loop.act(save('a'))
  await settle()
  state.running = []
  state.broken = [broken('1')]
  loop.podsChanged()
  await settle()
  expect(log.at(-1)).toBe('crashed after sync')
})

test('saving again without a change builds nothing unless the last build failed', async () => {
  const { builds, loop, settle } = startLoop()
  loop.retry()
  await settle()
  loop.act(change('Dockerfile changed'))
  await settle()
  builds[0]?.resolve([])
  await settle()
  loop.retry()
  await settle()
  expect(builds).toHaveLength(1)
})

test('saving again without a change tries a failed sync again', async () => {
  const { state, log, loop, settle } = startLoop()
  state.running = [target('1')]
  state.refuses = true
  loop.act(save('a'))
  await settle()
  state.refuses = false
  loop.podsChanged()
  await settle()
  expect(log).toEqual(['1 gets /app/a', 'failed sync: read-only'])
  loop.retry()
  await settle()
  expect(log.slice(2)).toEqual(['1 gets /app/a', 'synced: /app/a'])
})

test('a file that a container does not take is reported once and left out, and all others arrive', async () => {
  const { state, log, loop, settle } = startLoop()
  state.running = [target('1')]
  state.sends = (files) => {
    if (files.some(({ to }) => to === '/app/bad')) throw new Error('bad is unreadable')
  }
  const names = ['a', 'bad', 'b', 'c']
  const files = names.map((name) => ({ kind: 'write' as const, from: `/src/${name}`, to: `/app/${name}` }))
  loop.act({ service: 'backend', action: 'sync', files })
  await settle()
  expect(log.filter((line) => !line.startsWith('1 gets'))).toEqual([
    'failed sync: bad is unreadable',
    'synced: /app/a /app/b /app/c',
  ])
  log.length = 0
  loop.act(save('d'))
  await settle()
  expect(log).toEqual(['1 gets /app/d', 'synced: /app/d'])
  log.length = 0
  state.running = [target('2')]
  loop.podsChanged()
  await settle()
  expect(log.filter((line) => !line.startsWith('2 gets'))).toEqual(['synced again: /app/a /app/b /app/c /app/d'])
})

test('a lone file that fails does not block the next save', async () => {
  const { state, log, loop, settle } = startLoop()
  state.running = [target('1')]
  state.sends = (files) => {
    if (files.some(({ to }) => to === '/app/bad')) throw new Error('bad is unreadable')
  }
  loop.act(save('bad'))
  await settle()
  loop.act(save('a'))
  await settle()
  expect(log.filter((line) => !line.startsWith('1 gets'))).toEqual(['failed sync: bad is unreadable', 'synced: /app/a'])
  // Made readable, and saved again without a change.
  state.sends = () => {}
  log.length = 0
  loop.retry()
  await settle()
  expect(log).toEqual(['1 gets /app/bad', 'synced: /app/bad'])
})

test('a container that takes no file at all is given up until the next save', async () => {
  const { state, log, loop, settle } = startLoop()
  state.running = [target('1')]
  state.refuses = true
  loop.act(save('a'))
  await settle()
  loop.act(save('b'))
  await settle()
  state.refuses = false
  loop.act(save('c'))
  await settle()
  expect(log.at(-1)).toBe('synced: /app/a /app/b /app/c')
})
