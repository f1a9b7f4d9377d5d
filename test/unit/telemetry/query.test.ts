import { expect, test } from 'vitest'
import { queryMetrics } from '../../../src/telemetry/query.ts'
import { presetPod, servedStack } from './served.ts'

const { signal } = new AbortController()
const asked = { now: Date.parse('2026-11-30T00:00:00Z'), signal }

/** A Prometheus that gives this answer, and the URLs that it was asked for. */
async function prometheus(answer: unknown, status = 200) {
  const urls: URL[] = []
  const pods = [presetPod('prometheus-0', 'prometheus', 9090)]
  const { open } = await servedStack(({ url }, response) => {
    urls.push(new URL(url ?? '', 'http://prometheus'))
    response.writeHead(status).end(JSON.stringify(answer))
  }, pods)
  return { open, urls }
}

test('a query gives the value of each series now', async () => {
  const result = [{ metric: { job: 'api', path: '/a"b' }, value: [7, 'NaN'] }]
  const { open, urls } = await prometheus({ data: { resultType: 'vector', result } })
  const query = 'up{job="api"} + 1'
  expect(await queryMetrics(open, { query, minutes: undefined }, asked)).toEqual([
    { labels: { job: 'api', path: '/a"b' }, values: [[7, 'NaN']] },
  ])
  expect([urls[0]?.pathname, urls[0]?.searchParams.get('query')]).toEqual(['/api/v1/query', query])
})

test('with minutes it gives the values of that time', async () => {
  const result = [
    {
      metric: {},
      values: [
        [0, '1'],
        [15, '2'],
      ],
    },
  ]
  const { open, urls } = await prometheus({ data: { resultType: 'matrix', result } })
  const series = await queryMetrics(open, { query: 'up', minutes: 5 }, asked)
  expect(series).toEqual([
    {
      labels: {},
      values: [
        [0, '1'],
        [15, '2'],
      ],
    },
  ])
  const { start, end, step } = Object.fromEntries(urls[0]?.searchParams ?? [])
  expect(Number(end) - Number(start)).toBe(300)
  expect([urls[0]?.pathname, step]).toEqual(['/api/v1/query_range', '15'])
})

test('a scalar is one point', async () => {
  const { open } = await prometheus({ data: { resultType: 'scalar', result: [7, '42'] } })
  const query = { query: '42', minutes: undefined }
  expect(await queryMetrics(open, query, asked)).toEqual([{ labels: {}, values: [[7, '42']] }])
})

test('a wrong query is refused in the words of Prometheus', async () => {
  const { open } = await prometheus({ status: 'error', error: 'parse error: unexpected end of input' }, 400)
  await expect(queryMetrics(open, { query: 'sum(', minutes: undefined }, asked)).rejects.toThrow(
    /unexpected end of input/,
  )
})

test.each([undefined, null, 7, { data: 7 }, { data: { result: [null, 7, { metric: 7, values: 7 }] } }])(
  'an answer that is none is no failure: %j',
  async (odd) => {
    const { open } = await prometheus(odd ?? null)
    const series = await queryMetrics(open, { query: 'up', minutes: undefined }, asked)
    expect(series.flatMap(({ values }) => values)).toEqual([])
  },
)
