import { expect, test } from 'vitest'
import { change, command, compile, save, startLoop, target } from './service-loop-support.ts'

const output = (name: string) => ({ kind: 'write', from: `/copies/${name}`, to: `/app/${name}` }) as const
const made = (...names: readonly string[]) => ({ problem: undefined, output: '', files: names.map(output) })
const mistake = { problem: 'failed with exit code 1', output: 'main.go:3: no', files: [] }

test('a save is compiled, the outputs are sent, and then their commands run', async () => {
  const { state, log, compiles, events, loop, settle } = startLoop()
  state.running = [target('1')]
  loop.act(compile(command('restart')), [], { id: 7, seen: 0, marks: [] })
  await settle()
  expect(log).toEqual(['compiling'])
  compiles[0]?.resolve(made('server'))
  await settle()
  expect(log).toEqual([
    'compiling',
    'compiled',
    '1 gets /app/server',
    'synced: /app/server',
    'running',
    '1 runs restart',
    'ran restart',
  ])
  const synced = events.find(({ type }) => type === 'synced')
  expect(synced).toMatchObject({ save: { id: 7, steps: [{ name: 'compiled' }, { name: 'written' }] } })
})

test('a failure sends nothing, and the same save again compiles once more', async () => {
  const { state, log, compiles, loop, settle } = startLoop()
  state.running = [target('1')]
  loop.act(compile())
  await settle()
  compiles[0]?.resolve(mistake)
  await settle()
  loop.retry()
  await settle()
  compiles[1]?.resolve(made('server'))
  await settle()
  expect(log).toEqual([
    'compiling',
    'compiled: failed with exit code 1',
    'compiling',
    'compiled',
    '1 gets /app/server',
    'synced: /app/server',
  ])
  loop.retry()
  await settle()
  expect(compiles).toHaveLength(2)
})

test('a newer save cancels a run, and what is synced does not wait for it', async () => {
  const { state, log, compiles, loop, settle } = startLoop()
  state.running = [target('1')]
  loop.act(compile())
  await settle()
  loop.act(save('style.css'))
  await settle()
  expect(compiles[0]?.signal.aborted).toBe(false)
  loop.act(compile())
  await settle()
  expect(compiles.map(({ signal, all }) => [signal.aborted, all])).toEqual([
    [true, false],
    [false, true],
  ])
  compiles[1]?.resolve(made('server'))
  await settle()
  expect(log.filter((line) => /gets/.test(line))).toEqual(['1 gets /app/style.css', '1 gets /app/server'])
})

test('a rebuild cancels a run, and the run after it sends every output again', async () => {
  const { state, builds, compiles, loop, settle } = startLoop()
  state.running = [target('1')]
  loop.act(compile())
  await settle()
  loop.act(change('Dockerfile changed'))
  await settle()
  expect(compiles[0]?.signal.aborted).toBe(true)
  builds[0]?.resolve([])
  await settle()
  loop.act(compile())
  await settle()
  expect(compiles[1]?.all).toBe(true)
  compiles[1]?.resolve(made('server'))
  await settle()
  loop.act(compile())
  await settle()
  expect(compiles[2]?.all).toBe(false)
})

test('a container that starts later gets the outputs; one of a newer image does not', async () => {
  const { state, log, builds, compiles, loop, settle } = startLoop()
  state.running = [target('1')]
  loop.act(compile())
  await settle()
  compiles[0]?.resolve(made('server'))
  await settle()
  log.length = 0
  state.running = [target('2')]
  loop.podsChanged()
  await settle()
  expect(log).toEqual(['2 gets /app/server', 'synced again: /app/server'])
  loop.act(change('Dockerfile changed'))
  await settle()
  builds[0]?.resolve([])
  await settle()
  log.length = 0
  state.running = [target('3')]
  loop.podsChanged()
  await settle()
  expect(log).toEqual([])
})

test('outputs that are as they were start nothing again', async () => {
  const { state, log, compiles, loop, settle } = startLoop()
  state.running = [target('1')]
  loop.act(compile(command('restart')))
  await settle()
  compiles[0]?.resolve(made())
  await settle()
  expect(log).toEqual(['compiling', 'compiled'])
})
