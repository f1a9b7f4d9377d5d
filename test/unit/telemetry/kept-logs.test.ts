import { expect, test } from 'vitest'
import { readKeptLogs } from '../../../src/telemetry/kept-logs.ts'
import { presetPod, servedStack } from './served.ts'

const { signal } = new AbortController()
const asked = { now: Date.parse('2026-11-30T01:00:00Z'), signal }
const question = { query: '{service.name="api"} error', minutes: 60, limit: 10 }

/** A VictoriaLogs that gives this text, beside the collector, and the URLs that it was asked for. */
async function victoriaLogs(text: string, status = 200) {
  const urls: URL[] = []
  const pods = [presetPod('log-collector-1', 'logging', 13133), presetPod('victoria-logs-0', 'logging', 9428)]
  const { open, connected } = await servedStack(({ url }, response) => {
    urls.push(new URL(url ?? '', 'http://logs'))
    response.writeHead(status).end(text)
  }, pods)
  return { open, urls, connected }
}

test('the newest lines of the last minutes are given, oldest first, with their fields', async () => {
  const sent = { _time: '2026-11-30T00:59:00Z', _msg: 'b', _stream: '{}', _stream_id: '1', 'service.name': 'api' }
  const text = [sent, { _time: '2026-11-30T00:58:00Z', _msg: 'a' }].map((line) => JSON.stringify(line)).join('\n')
  const { open, urls, connected } = await victoriaLogs(`${text}\n`)
  expect(await readKeptLogs(open, question, asked)).toEqual([
    { time: '2026-11-30T00:58:00Z', text: 'a', fields: {} },
    { time: '2026-11-30T00:59:00Z', text: 'b', fields: { 'service.name': 'api' } },
  ])
  expect(connected).toEqual(['monitoring/victoria-logs-0:9428'])
  expect(urls[0]?.pathname).toBe('/select/logsql/query')
  expect(Object.fromEntries(urls[0]?.searchParams ?? [])).toMatchObject({
    query: question.query,
    start: '2026-11-30T00:00:00.000Z',
    limit: '10',
  })
})

test('no line is no failure, and a wrong query is refused in the words of VictoriaLogs', async () => {
  expect(await readKeptLogs((await victoriaLogs('')).open, question, asked)).toEqual([])
  const wrong = await victoriaLogs('cannot parse query: missing quote', 400)
  await expect(readKeptLogs(wrong.open, question, asked)).rejects.toThrow(/missing quote/)
})

test('long values are cut, and odd ones are left out', async () => {
  const { open } = await victoriaLogs(`7\n${JSON.stringify({ _msg: 'x'.repeat(9000), odd: { a: 1 } })}\n`)
  const lines = await readKeptLogs(open, question, asked)
  expect(lines.map(({ text }) => text.length)).toEqual([0, 2000])
  expect(lines[1]?.fields).toEqual({ odd: '' })
})
