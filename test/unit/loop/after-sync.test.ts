import { expect, test } from 'vitest'
import { command, save, startLoop, target } from './service-loop-support.ts'

const failed = { exitCode: 3, output: 'why' }
const succeeded = { exitCode: 0, output: '' }

/** A loop with these containers, without what it logs before the first save. */
async function withContainers(...ids: string[]) {
  const loop = startLoop()
  loop.state.running = ids.map(target)
  loop.loop.podsChanged()
  await loop.settle()
  loop.log.length = 0
  return loop
}

test('the commands of a save run in each container that has the files, in the order of the configuration', async () => {
  const { log, loop, settle } = await withContainers('1', '2')
  loop.act(save('a', command('second', 2), command('first', 1)))
  await settle()
  const of = (id: string) => log.filter((line) => line.startsWith(`${id} `))
  expect(of('1')).toEqual(['1 gets /app/a', '1 runs first', '1 runs second'])
  expect(of('2')).toEqual(['2 gets /app/a', '2 runs first', '2 runs second'])
  expect(log.filter((line) => line === 'ran first')).toHaveLength(2)
})

test('a command runs once for all files of a save, and not for files that did not arrive', async () => {
  const { log, state, loop, settle } = await withContainers('1')
  const files = ['a', 'b'].flatMap((name) => save(name, command('install')).files)
  loop.act({ service: 'backend', action: 'sync', files })
  await settle()
  expect(log.filter((line) => line === '1 runs install')).toHaveLength(1)
  state.refuses = true
  loop.act(save('c', command('install')))
  await settle()
  expect(log.filter((line) => line === '1 runs install')).toHaveLength(1)
})

test('a save while a command runs is delivered at once, and the command runs once more afterwards', async () => {
  const { log, state, loop, settle } = await withContainers('1')
  const { promise, resolve } = Promise.withResolvers<typeof succeeded>()
  state.commands = () => promise
  loop.act(save('a', command('install')))
  await settle()
  loop.act(save('a', command('install')))
  loop.act(save('b', command('install')))
  await settle()
  expect(log.slice(-2)).toEqual(['1 gets /app/a /app/b', 'synced: /app/a /app/b'])
  expect(log.filter((line) => line === '1 runs install')).toHaveLength(1)
  resolve(succeeded)
  await settle()
  expect(log.filter((line) => line === '1 runs install')).toHaveLength(2)
})

test('a command that fails is tried again with the next save that has commands, and those behind it wait', async () => {
  const { log, state, loop, settle } = await withContainers('1')
  state.commands = async () => failed
  loop.act(save('a', command('install', 1), command('migrate', 2)))
  await settle()
  expect(log.slice(1)).toEqual([
    'synced: /app/a',
    'running',
    '1 runs install',
    'ran install, which failed with exit code 3',
  ])
  log.length = 0
  state.commands = async () => succeeded
  loop.act(save('b'))
  await settle()
  expect(log).toEqual(['1 gets /app/b', 'synced: /app/b'])
  loop.act(save('c', command('migrate', 2)))
  await settle()
  expect(log.filter((line) => line.startsWith('1 runs'))).toEqual(['1 runs install', '1 runs migrate'])
})

test('a save during a command that fails tries it again at once', async () => {
  const { log, state, loop, settle } = await withContainers('1')
  const { promise, resolve } = Promise.withResolvers<typeof failed>()
  state.commands = () => promise
  loop.act(save('a', command('install')))
  await settle()
  loop.act(save('a', command('install')))
  await settle()
  state.commands = async () => succeeded
  resolve(failed)
  await settle()
  expect(log.filter((line) => line.startsWith('ran'))).toEqual([
    'ran install, which failed with exit code 3',
    'ran install',
  ])
})

test('to save again without a change runs what failed again, and nothing else', async () => {
  const { log, state, loop, settle } = await withContainers('1')
  loop.act(save('a', command('install')))
  await settle()
  loop.retry()
  await settle()
  expect(log.filter((line) => line === '1 runs install')).toHaveLength(1)
  state.commands = async () => failed
  loop.act(save('a', command('install')))
  await settle()
  loop.retry()
  await settle()
  expect(log.filter((line) => line === '1 runs install')).toHaveLength(3)
})

test('a command that does not end is given up at its timeout', async () => {
  const { log, state, loop } = await withContainers('1')
  state.commands = (_argv, signal) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  loop.act(save('a', command('hang', 1, 20)))
  await expect.poll(() => log.at(-1)).toMatch(/ran hang, which did not end within .*may still run in the container/)
})

test('a container that starts later gets the files and their commands; one that ended is not reported', async () => {
  const { log, state, loop, settle } = await withContainers('1')
  const { promise, reject } = Promise.withResolvers<typeof failed>()
  state.commands = () => promise
  loop.act(save('a', command('install')))
  await settle()
  log.length = 0
  state.running = [target('2')]
  state.commands = async () => succeeded
  reject(new Error('the container ended'))
  await settle()
  expect(log).toEqual([])
  loop.podsChanged()
  await settle()
  expect(log.filter((line) => line.startsWith('2 '))).toEqual(['2 gets /app/a', '2 runs install'])
})
