import { expect, test } from 'vitest'
import { DevkError } from '../../../src/errors.ts'
import type { SessionEvent } from '../../../src/loop/events.ts'
import { mostSaves, savesAfter } from '../../../src/session/saves.ts'
import type { Save } from '../../../src/session/state.ts'

const noon = Date.parse('2026-11-29T12:00:00Z')
/** The saves after events, one second apart. */
const after = (...events: SessionEvent[]) =>
  events.reduce<readonly Save[]>((saves, event, index) => savesAfter(saves, event, noon + index * 1000), [])
const short = ({ id, service, kind, state, ms }: Save) => [id, service, kind, state, ms]

const synced: SessionEvent = { type: 'synced', service: 'api', files: ['a.py', 'b.py'], ms: 20, again: false }
const rebuilding: SessionEvent = { type: 'rebuilding', service: 'api', reason: 'Dockerfile changed' }

test('a sync is a save with its files, which began before it was reported', () => {
  const [save] = after(synced)
  expect(save).toMatchObject({ id: 1, files: ['a.py', 'b.py'], fileCount: 2, began: '2026-11-29T11:59:59.980Z' })
  expect(save?.steps).toEqual([{ name: 'written', ms: 20 }])
})

test('a save has its steps and its time from its first event on', () => {
  const save = {
    id: 4,
    steps: [
      { name: 'settled', ms: 12 },
      { name: 'written', ms: 8 },
    ],
    ms: 20,
  }
  const [sync] = after({ ...synced, ms: 8, save })
  expect(sync).toMatchObject({ id: 1, steps: save.steps, ms: 20, began: '2026-11-29T11:59:59.980Z' })
  const build = { ...save, steps: [...save.steps, { name: 'built', ms: 700 }], ms: 720 }
  const [rebuild] = after({ ...rebuilding, save }, { type: 'ready', service: 'api', stages: [], ms: 700, save: build })
  expect(rebuild).toMatchObject({ steps: build.steps, ms: 720, began: '2026-11-29T11:59:59.980Z' })
  const [all] = after({ type: 'redeploying', reason: '', save }, { type: 'redeployed', ms: 700, save: build })
  expect(all).toMatchObject({ steps: build.steps, ms: 720, began: '2026-11-29T11:59:59.980Z' })
})

test('files that a started container lacked are no save', () => {
  expect(after({ ...synced, again: true })).toEqual([])
})

test('a rebuild runs until it is ready, and keeps its steps', () => {
  const stages = [{ name: 'built', ms: 700 }]
  const saves = after(rebuilding, { type: 'ready', service: 'api', stages, ms: 900 })
  expect(saves.map(short)).toEqual([[1, 'api', 'rebuild', 'done', 900]])
  expect(saves[0]).toMatchObject({ steps: stages, reason: 'Dockerfile changed' })
})

test('a newer rebuild overtakes the one that runs, of the same service only', () => {
  const other = { ...rebuilding, service: 'web' }
  expect(after(rebuilding, other, rebuilding).map(short)).toEqual([
    [1, 'api', 'rebuild', 'overtaken', 2000],
    [2, 'web', 'rebuild', 'running', null],
    [3, 'api', 'rebuild', 'running', null],
  ])
})

test('a failed build ends its save with the step and the output', () => {
  const error = new DevkError('BUILD_FAILED', 'Building api failed at RUN make', { details: ['cc: no such file'] })
  const [save] = after(rebuilding, { type: 'failed', service: 'api', during: 'rebuild', error })
  expect(save).toMatchObject({ state: 'failed', ms: 1000, failure: { step: 'build', hint: null } })
  expect(save?.failure?.text).toBe('Building api failed at RUN make\ncc: no such file')
})

test('a failure without a beginning is a save of its own', () => {
  const saves = after({ type: 'failed', service: 'api', during: 'sync', error: new Error('read-only') })
  expect(saves).toMatchObject([{ kind: 'sync', state: 'failed', failure: { step: 'sync', text: 'read-only' } }])
})

test('the stack that could not be brought up is no save', () => {
  expect(after({ type: 'failed', service: undefined, during: 'up', error: 'x' })).toEqual([])
})

test('the whole stack is a save without a service', () => {
  const saves = after({ type: 'redeploying', reason: 'a.yaml changed' }, { type: 'redeployed', ms: 80 })
  expect(saves.map(short)).toEqual([[1, null, 'redeploy', 'done', 80]])
})

test('the oldest saves are forgotten, the output of a build keeps its end, and ids go on', () => {
  const error = new DevkError('BUILD_FAILED', 'Building failed', { details: ['x'.repeat(9000), 'the end'] })
  const many = after(...Array.from({ length: mostSaves + 5 }, () => synced))
  expect([many.length, many.at(-1)?.id]).toEqual([mostSaves, mostSaves + 5])
  const [save] = after({ type: 'failed', service: 'api', during: 'rebuild', error })
  expect(save?.failure?.text.length).toBeLessThan(4100)
  expect(save?.failure?.text).toMatch(/^Building failed\n….*the end$/s)
})

test('a command after a sync is a step of its save, and its failure is kept with the output until it succeeds', () => {
  const ran = { type: 'ran', service: 'api', pod: 'api-1', command: 'npm ci', problem: undefined, output: '' } as const
  const bad = { ...ran, problem: 'failed with exit code 1', output: 'no such package\n', ms: 300 }
  const other = { ...synced, service: 'web' }
  const [save, untouched] = after(synced, other, bad)
  expect(save).toMatchObject({ state: 'failed', ms: 320, failure: { step: 'run' } })
  expect(save?.failure?.text).toContain('npm ci in api-1 failed with exit code 1\nno such package')
  expect(untouched).toMatchObject({ service: 'web', state: 'done', ms: 20 })
  expect(after(synced, bad, { ...ran, pod: 'api-2', ms: 5 })[0]).toMatchObject({ state: 'failed' })
  const [mended] = after(synced, other, bad, { ...ran, pod: 'api-2', ms: 500 }, { ...ran, ms: 400 })
  expect(mended).toMatchObject({ state: 'done', ms: 520, failure: null })
  expect(mended?.steps).toEqual([
    { name: 'written', ms: 20 },
    { name: 'npm ci', ms: 500 },
  ])
  expect(after({ ...ran, ms: 5 })).toEqual([])
})

test('a build on this machine that fails is a failed save; one that succeeds is the sync of its outputs', () => {
  const compiled = {
    type: 'compiled',
    service: 'api',
    problem: undefined,
    output: 'a.go:3: no',
    outputs: 0,
    ms: 5,
  } as const
  expect(after(compiled)).toEqual([])
  const [save] = after({ ...compiled, problem: 'failed with exit code 1' })
  expect(save).toMatchObject({ service: 'api', state: 'failed', steps: [{ name: 'compiled', ms: 5 }], ms: 5 })
  expect(save?.failure).toMatchObject({ step: 'compile', text: expect.stringContaining('a.go:3: no') })
})

test('a save has the ID of its trace, also when newer saves came before it', () => {
  const save = (id: number) => ({ id, steps: [], ms: 1 })
  const trace = (service: string | undefined, number: number, text: string): SessionEvent => ({
    type: 'traced',
    service,
    number,
    trace: text,
  })
  const saves = after(
    { ...synced, save: save(4) },
    { ...synced, service: 'web', save: save(4) },
    { ...rebuilding, save: save(5) },
    { type: 'failed', service: 'api', during: 'rebuild', error: new Error('make: no rule') },
    { type: 'redeploying', reason: '', save: save(6) },
    synced,
    { type: 'compiled', service: 'api', problem: 'x', output: '', outputs: 0, ms: 1, save: save(7) },
    trace('web', 4, 'a'),
    trace('api', 5, 'b'),
    trace(undefined, 6, 'c'),
    trace('api', 7, 'd'),
    trace('api', 9, 'of none'),
  )
  expect(saves.map(({ service, number, trace: id }) => [service, number, id])).toEqual([
    ['api', 4, null],
    ['web', 4, 'a'],
    ['api', 5, 'b'],
    [null, 6, 'c'],
    ['api', null, null],
    ['api', 7, 'd'],
  ])
})
