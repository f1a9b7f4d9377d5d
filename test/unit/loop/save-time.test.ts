import { expect, test } from 'vitest'
import { saveStats } from '../../../src/loop/save-stats.ts'
import { marked, saveWay, seenSave, timeOf } from '../../../src/loop/save-time.ts'
import { command, save, startLoop, target } from './service-loop-support.ts'
import { startSession } from './session-support.ts'

const seen = seenSave(7, { seen: 100, settled: 113 })

test('the steps of a save follow one another and add up to its time', () => {
  const done = marked(marked(seen, 'planned', 113.5), 'written', 120)
  expect(timeOf(done)).toEqual({
    id: 7,
    steps: [
      { name: 'settled', ms: 13 },
      { name: 'planned', ms: 0.5 },
      { name: 'written', ms: 6.5 },
    ],
    ms: 20,
  })
})

test('several commands are one step, and stages that somebody else measured come last', () => {
  const ran = marked(marked(seen, 'run', 200), 'run', 250)
  expect(timeOf(ran).steps).toEqual([
    { name: 'settled', ms: 13 },
    { name: 'run', ms: 137 },
  ])
  const built = timeOf(seen, [{ name: 'built', ms: 700 }], 900)
  expect([built.steps.at(-1), built.ms]).toEqual([{ name: 'built', ms: 700 }, 800])
})

test('of several saves that wait for a round the first one counts, and a round without a save has none', () => {
  const way = saveWay()
  way.saved(seen)
  way.saved(seenSave(8, { seen: 105, settled: 110 }))
  expect(way.begins()).toBe(seen)
  way.sent(114)
  way.sent(Number.NaN)
  way.sent(113.5)
  const names = way.arrived(seen)?.marks.map(({ name, at }) => [name, at])
  expect(names?.slice(0, 2)).toEqual([
    ['settled', 113],
    ['sent', 114],
  ])
  expect(names?.at(-1)?.[0]).toBe('written')
  expect([way.begins(), way.arrived(undefined)]).toEqual([undefined, undefined])
  expect(way.arrived(seen)?.marks.map(({ name }) => name)).toEqual(['settled', 'written'])
})

test('saves have numbers, and syncs, rebuilds and redeploys tell where the time of theirs went', async () => {
  const { events, saves, savesAgain, podChanges, settle, end } = await startSession([undefined], ['api'])
  await saves('/p/api/a', '/p/web/main.js')
  await savesAgain('/p/api/a')
  await saves('/p/k8s/api.yaml')
  podChanges('api')
  await settle()
  const times = events.flatMap((event) => ('save' in event && event.save ? [{ type: event.type, ...event.save }] : []))
  expect(times.map(({ type, id, steps }) => [type, id, steps.map(({ name }) => name).join(' ')])).toEqual([
    ['rebuilding', 1, 'settled planned'],
    ['ready', 1, 'settled planned'],
    ['synced', 1, 'settled planned sent written'],
    ['redeploying', 3, 'settled planned'],
    ['redeployed', 3, 'settled planned applied'],
  ])
  // The first event of each batch was 20 ms ago.
  for (const { ms, steps } of times) expect([ms >= 20, steps[0]?.ms]).toEqual([true, 15])
  await end()
})

test('the commands after a sync are steps of the save that they follow; one that fails is none', async () => {
  const events: string[] = []
  const { state, loop, settle, events: all } = startLoop()
  state.running = [target('1')]
  const restart = { ...command('restart', 9), restarts: true } as const
  loop.act(save('a', command('install'), restart), [], seen)
  await settle()
  for (const event of all) {
    if (event.type === 'ran') events.push(`${event.command}: ${event.save?.steps.map(({ name }) => name).join(' ')}`)
  }
  expect(events).toEqual(['install: settled written run', 'restart: settled written run restarted'])
  state.commands = async () => ({ exitCode: 1, output: '' })
  loop.act(save('a', command('install')), [], seen)
  await settle()
  state.commands = async () => ({ exitCode: 0, output: '' })
  loop.retry()
  await settle()
  expect(all.flatMap((event) => (event.type === 'ran' ? [event.save?.id] : []))).toEqual([7, 7, undefined, undefined])
})

test('p50 and p95 are by service and kind; what follows a sync makes its time longer, and the rest is no save', () => {
  const stats = saveStats()
  expect(stats.times()).toEqual([])
  const time = (id: number, ms: number) => ({ id, ms, steps: [] })
  const synced = { type: 'synced', service: 'web', files: ['a'], ms: 1, again: false } as const
  for (let id = 1; id <= 20; id += 1) stats.event({ ...synced, save: time(id, id) })
  stats.event({ ...synced, again: true })
  const ran = { type: 'ran', service: 'web', pod: 'p', command: 'c', problem: undefined, output: '', ms: 1 } as const
  stats.event({ ...ran, save: time(20, 500) })
  stats.event({ type: 'rebuilding', service: 'web', reason: '', save: time(21, 3) })
  stats.event({ type: 'ready', service: 'web', stages: [], ms: 1, save: time(21, 900) })
  stats.event({ type: 'redeployed', ms: 1, save: time(22, 80) })
  expect(stats.times()).toEqual([
    { service: undefined, kind: 'redeploy', count: 1, p50: 80, p95: 80 },
    { service: 'web', kind: 'rebuild', count: 1, p50: 900, p95: 900 },
    { service: 'web', kind: 'sync', count: 20, p50: 10, p95: 19 },
  ])
  stats.event({ ...synced, save: time(23, 600) })
  expect(stats.times().at(-1)).toMatchObject({ count: 21, p95: 500 })
})
