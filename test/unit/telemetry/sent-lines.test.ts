import { expect, onTestFinished, test } from 'vitest'
import { followSentLines, type SentLine, sentLine, sentQuery } from '../../../src/telemetry/sent-lines.ts'
import { presetPod, servedStack } from './served.ts'

const now = () => Date.parse('2026-11-30T01:00:00Z')
const kept = (text: string, more: object = {}) => ({
  _time: '2026-11-30T00:59:30Z',
  _msg: text,
  'service.name': 'api',
  'k8s.pod.name': 'api-1',
  severity_text: 'Info',
  severity_number: '9',
  ...more,
})

/** A VictoriaLogs with these answers, the last one again and again; undefined: it fails. The lines as they come. */
async function followed(answers: readonly (readonly object[] | undefined)[]) {
  const starts: number[] = []
  const pods = [presetPod('victoria-logs-0', 'logging', 9428)]
  const { open } = await servedStack(({ url }, response) => {
    const answer = answers[Math.min(starts.length, answers.length - 1)]
    starts.push((now() - Date.parse(new URL(url ?? '', 'http://logs').searchParams.get('start') ?? '')) / 60_000)
    if (answer === undefined) response.writeHead(503).end()
    else response.end(answer.map((line) => JSON.stringify(line)).join('\n'))
  }, pods)
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const lines: SentLine[] = []
  const done = (async () => {
    for await (const line of followSentLines(open, ['api'], { now, signal: stop.signal, paceMs: 1 })) lines.push(line)
  })()
  return { lines, starts, stop, done }
}

test('lines come once, those of the last minutes first', async () => {
  const { lines, starts } = await followed([[kept('a')], [kept('a'), kept('b')], [kept('b'), kept('b'), kept('c')]])
  await expect.poll(() => lines.length).toBe(3)
  await expect.poll(() => starts.length).toBeGreaterThan(6)
  expect(lines.map(({ text }) => text)).toEqual(['a', 'b', 'c'])
  expect(starts.slice(0, 3)).toEqual([15, 1, 1])
})

test('more lines than it reads are not passed over in silence', async () => {
  const many = (first: number) => Array.from({ length: 2000 }, (_, index) => kept(`${first + index}`))
  const { lines } = await followed([[kept('a')], many(0)])
  await expect.poll(() => lines.length).toBe(2002)
  expect(lines[1]).toMatchObject({ service: 'api', text: expect.stringContaining('some before this one are missing') })
})

test('it ends with the signal, also while the preset does not answer', async () => {
  const { starts, stop, done, lines } = await followed([undefined])
  await expect.poll(() => starts.length).toBe(1)
  stop.abort()
  await done
  expect(lines).toEqual([])
})

test('a line with fields or a severity is structured, and a plain one is its message', () => {
  const line = (more: Record<string, string>) =>
    sentLine({
      time: 't',
      text: 'an order',
      fields: { 'service.name': 'api', 'service.instance.id': 'api-2', ...more },
    })
  expect(line({ severity_text: 'Unspecified', severity_number: '0', 'scope.name': 'x' })).toEqual({
    ...{ service: 'api', pod: 'api-2', container: 'OpenTelemetry', time: 't', text: 'an order' },
  })
  expect(line({ severity_text: 'Info' }).text).toBe('an order')
  expect(JSON.parse(line({ severity_text: 'ERROR' }).text)).toEqual({ level: 'ERROR', message: 'an order' })
  const several = sentLine({ time: 't', text: 'a\nb', fields: {} }).text
  expect([several.includes('\n'), JSON.parse(several)]).toEqual([false, { message: 'a\nb' }])
  const told = { kind: 'book', trace_id: '0af7', message: 'no' }
  expect(JSON.parse(line({ ...told, 'telemetry.sdk.name': 'opentelemetry' }).text)).toEqual({
    ...told,
    message: 'an order',
  })
})

test('only lines of the services are asked for that no collector has read from a container', () => {
  expect(sentQuery(['api', 'web'])).toBe('"service.name":in("api","web") "log.iostream":""')
})
