import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { CliContext } from '../../../../src/context.ts'
import type { SessionEvent } from '../../../../src/loop/events.ts'
import { failureText } from '../../../../src/up/live/event-text.ts'
import { liveReporter } from '../../../../src/up/live/report.ts'

/** What a reporter writes about events, and at the end. */
function reported(events: readonly SessionEvent[], { timing = false, json = false } = {}) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const texts: string[] = []
  const ctx = { stdout, stderr, json, color: false, clock: () => 0 } as unknown as CliContext
  const also = { event: (_event: SessionEvent, text: string) => void texts.push(text), note() {} }
  const report = liveReporter(ctx, { hint: () => 'keys', timing, also })
  for (const event of events) report.event(event)
  report.times()
  const lines = (stream: PassThrough) =>
    String(stream.read() ?? '')
      .split('\n')
      .filter((line) => line !== '')
  return { out: lines(stdout), err: lines(stderr).map((line) => line.replace(/^\S+ /, '')), texts }
}

const save = {
  id: 3,
  steps: [
    { name: 'settled', ms: 13.4 },
    { name: 'written', ms: 4.25 },
  ],
  ms: 17.65,
}
const synced = { type: 'synced', service: 'web', files: ['/a'], ms: 4, again: false, save } as const

test('with --timing the line of a save is followed by where its time went', () => {
  const { err } = reported([{ type: 'rebuilding', service: 'web', reason: 'x', save }, synced], { timing: true })
  expect(err.map((line) => line.trim())).toEqual([
    'web       rebuilding (x) …',
    'web       synced 1 file (/a) · 4 ms',
    'save 3: settled 13 ms · written 4.3 ms · total 18 ms',
    'devk      web sync: 1 save · p50 18 ms · p95 18 ms',
  ])
})

test('at the end devk says how long saves took, by service and kind, and only if there were any', () => {
  expect(reported([{ ...synced, save: undefined } as unknown as SessionEvent]).err).toHaveLength(1)
  expect(reported([synced, { type: 'redeployed', ms: 50, save: { ...save, id: 4, ms: 50 } }]).err.slice(2)).toEqual([
    'devk      redeploy: 1 save · p50 50 ms · p95 50 ms',
    'devk      web sync: 1 save · p50 18 ms · p95 18 ms',
  ])
})

test('--json has the times of each save and of all', () => {
  const { out, err } = reported([synced], { json: true })
  const times = [{ service: 'web', kind: 'sync', count: 1, p50: 17.65, p95: 17.65 }]
  expect(out.map((line) => JSON.parse(line))).toEqual([synced, { type: 'times', times }])
  expect(err).toEqual([])
})

test('what waits is said once, and the session hears each time', () => {
  const held = { type: 'held', service: 'web', paused: false, again: false, waiting: [] } as const
  const { err, texts } = reported([held, { ...held, again: true }, { ...held, service: undefined, paused: true }])
  expect(err.map((line) => line.trim())).toEqual([
    'web       saved, and waits for devk trigger web',
    'devk      manifests or configuration were saved, and wait',
  ])
  expect(texts).toHaveLength(3)
  const after = [
    { type: 'paused' },
    { ...held, paused: true },
    { type: 'resumed', count: 2, waiting: [] },
    { type: 'resumed', count: 0, waiting: [] },
    { type: 'triggered', service: 'web', count: 1, waiting: [] },
  ] as const
  expect(reported(after).err.map((line) => line.slice(10))).toEqual([
    'paused: saves wait until p or devk resume',
    'saved, and waits',
    'resumed: sending 2 files, saved meanwhile',
    'resumed',
    'sending 1 file that waited',
  ])
})

test('of a failed build on this machine the first mistake is shown, and all of its output is kept', () => {
  const output = '# example\n./main.go:5:2: undefined: \u001b[2Jx\nfatal\n'
  const compiled = {
    type: 'compiled',
    service: 'api',
    problem: 'failed with exit code 1',
    output,
    outputs: 0,
    ms: 9,
    save,
  }
  const { err } = reported([compiled as SessionEvent], { timing: true })
  expect(err.map((line) => line.trim())).toEqual([
    'api       ✖ the build on this machine failed with exit code 1: ./main.go:5:2: undefined: \\u001b[2Jx',
    'save 3: settled 13 ms · written 4.3 ms · total 18 ms',
    'still watching; the next save tries again',
  ])
  expect(failureText(compiled as SessionEvent)).toContain('fatal')
})

test('a build on this machine says what changed, and its time comes with the sync', () => {
  const compiled = {
    type: 'compiled',
    service: 'api',
    problem: undefined,
    output: '',
    outputs: 1,
    ms: 900,
    save,
  } as const
  const { err } = reported([{ type: 'compiling', service: 'api', save }, compiled, { ...compiled, outputs: 0 }], {
    timing: true,
  })
  expect(err.map((line) => line.trim())).toEqual([
    'api       compiling here …',
    'api       compiled here, and 1 output changed · 900 ms',
    'api       compiled here, and its outputs are the same · 900 ms',
    'save 3: settled 13 ms · written 4.3 ms · total 18 ms',
  ])
})

test('each event is also given to what makes traces of saves', () => {
  const taken: SessionEvent[] = []
  const ctx = { clock: () => 0, color: false, json: true, stdout: { write() {} } } as unknown as CliContext
  const traces = { event: (event: SessionEvent) => void taken.push(event) }
  const report = liveReporter(ctx, { hint: () => '', timing: false, also: { event() {}, note() {} }, traces })
  report.event(synced)
  expect(taken).toEqual([synced])
})

test('a save that was sent as a trace is told with its ID, also with --json', () => {
  const traced = { type: 'traced', service: 'web', number: 3, trace: '0af7651916cd43dd8448eb211c80319c' } as const
  const { err } = reported([traced, { ...traced, service: undefined }], { timing: true })
  expect(err.map((line) => line.trim())).toEqual([
    `web       save 3 is the trace ${traced.trace}`,
    `devk      save 3 is the trace ${traced.trace}`,
  ])
  expect(reported([traced], { json: true }).out.map((line) => JSON.parse(line))).toEqual([traced])
})
