import { expect, test } from 'vitest'
import type { SessionEvent } from '../../../src/loop/events.ts'
import type { OutSpan } from '../../../src/telemetry/otlp.ts'
import { type SaveTracesDeps, saveTraces } from '../../../src/telemetry/save-traces.ts'

const seen = 1_000_000
const save = (id: number, ...steps: readonly [name: string, ms: number][]) => ({
  id,
  steps: steps.map(([name, ms]) => ({ name, ms })),
  ms: steps.reduce((sum, [, ms]) => sum + ms, 0),
})
const usual = save(1, ['settled', 12], ['written', 8])
const synced: SessionEvent = { type: 'synced', service: 'web', files: ['/app/a.py'], ms: 8, again: false, save: usual }
const command = { service: 'web', pod: 'web-1', command: 'npm ci' }

/** Traces of what is reported at the end of a save of 20 ms. */
function traced(more: Partial<SaveTracesDeps> = {}) {
  const sent: (readonly OutSpan[])[] = []
  const asked: string[] = []
  const problems: unknown[] = []
  const told: Parameters<SaveTracesDeps['onSent']>[0][] = []
  let last = 0
  let now = seen + 20
  const traces = saveTraces({
    now: () => now,
    id: (bytes) => String(++last).padStart(bytes * 2, '0'),
    answer(service, traceparent) {
      asked.push(`${service} ${traceparent}`)
      now += 5
      return Promise.resolve()
    },
    async send(spans) {
      sent.push(spans)
    },
    onSent: (each) => told.push(each),
    onProblem: (error) => problems.push(error),
    ...more,
  })
  const at = (ms: number) => {
    now = seen + ms
  }
  return { ...traces, sent, asked, problems, told, at }
}

const shape = (spans: readonly OutSpan[] = []) =>
  spans.map(({ name, start, end, problem }) => [name, start - seen, end - seen, ...(problem ? [problem] : [])])

test('a save is a trace of its steps, with the request after it below its first good answer', async () => {
  const { event, done, sent, asked } = traced()
  event(synced)
  await done()
  const [[root, ...others] = []] = sent
  expect(shape(sent[0])).toEqual([
    ['save of web', 0, 25],
    ['settled', 0, 12],
    ['written', 12, 20],
    ['first good answer', 20, 25],
  ])
  expect(root).toMatchObject({
    parent: undefined,
    attributes: { 'devk.save': 1, 'devk.kind': 'sync', 'devk.service': 'web', 'devk.files': '/app/a.py' },
  })
  expect(others.every(({ parent, trace }) => parent === root?.id && trace === root?.trace)).toBe(true)
  const answer = others.at(-1)
  expect(asked).toEqual([`web 00-${answer?.trace}-${answer?.id}-01`])
  expect(answer?.isClient).toBe(true)
})

test('commands that follow a sync are steps of its trace, which waits for them', async () => {
  const { event, sent, at } = traced({ answer: () => undefined })
  event(synced)
  event({ type: 'running', ...command })
  await new Promise((resolve) => setTimeout(resolve, 60))
  expect(sent).toEqual([])
  at(120)
  const whole = save(1, ['settled', 12], ['written', 8], ['run', 100])
  event({ type: 'ran', ...command, problem: undefined, output: '', ms: 100, save: whole })
  await expect
    .poll(() => shape(sent[0]))
    .toEqual([
      ['save of web', 0, 120],
      ['settled', 0, 12],
      ['written', 12, 20],
      ['run', 20, 120],
    ])
  expect(sent[0]?.[0]?.attributes['devk.files']).toBe('/app/a.py')
})

test.each<[string, readonly SessionEvent[], string, string]>([
  [
    'a command',
    [synced, { type: 'running', ...command }, { type: 'ran', ...command, problem: 'ended with 1', output: '', ms: 1 }],
    'sync',
    'npm ci ended with 1',
  ],
  [
    'a build on this machine',
    [{ type: 'compiled', service: 'web', problem: 'ended with 2', output: '', outputs: 0, ms: 5, save: usual }],
    'sync',
    'the build ended with 2',
  ],
  [
    'a rebuild',
    [
      { type: 'rebuilding', service: 'web', reason: 'x', save: usual },
      { type: 'failed', service: 'web', during: 'rebuild', error: new Error('make: no rule') },
    ],
    'rebuild',
    'make: no rule',
  ],
])('a save that fails in %s says so, and nobody is asked', async (_name, events, kind, problem) => {
  const { event, done, sent, asked } = traced()
  for (const each of events) event(each)
  await done()
  expect(sent.map(([root]) => [root?.attributes['devk.kind'], root?.problem])).toEqual([[kind, problem]])
  expect(asked).toEqual([])
})

test('rebuilds, the stack and the next save have traces of their own; what is no save has none', async () => {
  const { event, done, sent, told } = traced({ answer: () => undefined })
  event({ type: 'ready', service: 'api', stages: [], ms: 20, save: save(2, ['built', 20]) })
  event({ type: 'redeployed', ms: 20, save: save(3, ['applied', 20]) })
  event(synced)
  event({ ...synced, save: save(4, ['written', 3]) } as SessionEvent)
  event({ ...synced, service: 'other', again: true } as SessionEvent)
  event({ type: 'failed', service: 'other', during: 'rebuild', error: new Error('no save') })
  await done()
  const names = sent.map(([root]) => `${root?.name} ${root?.attributes['devk.kind']} ${root?.attributes['devk.save']}`)
  expect(names.sort()).toEqual([
    'save of api rebuild 2',
    'save of the stack redeploy 3',
    'save of web sync 1',
    'save of web sync 4',
  ])
  const ids = sent.map(([root]) => [root?.attributes['devk.service'], root?.attributes['devk.save'], root?.trace])
  expect(told.map(({ service, number, trace }) => [service, number, trace])).toEqual(ids)
})

test('a service that does not answer is a span that failed; what cannot be sent is told once', async () => {
  let isDown = true
  const { event, done, sent, problems, told } = traced({
    answer: () => Promise.reject(new Error('web answers 503')),
    async send(spans) {
      if (isDown) throw new Error('no pod')
      sent.push(spans)
    },
  })
  for (let round = 0; round < 2; round++) {
    event(synced)
    await done()
  }
  expect(problems).toEqual([new Error('no pod')])
  expect(told).toEqual([])
  isDown = false
  event(synced)
  await done()
  expect(sent[0]?.at(-1)).toMatchObject({ name: 'first good answer', problem: 'web answers 503' })
  expect(told).toHaveLength(1)
  isDown = true
  event(synced)
  await done()
  expect(problems).toHaveLength(2)
})
