import { expect, test } from 'vitest'
import { readMetric, readMetrics } from '../../../src/telemetry/explore.ts'
import { presetPod, servedStack } from './served.ts'

const { signal } = new AbortController()
const asked = { now: Date.parse('2026-11-30T00:00:00Z'), signal }
const question = { service: 'api', name: 'jobs_total', by: '', minutes: 30 }

/** A Prometheus with these answers by path, and the URLs that it was asked for. A query is answered by `series`. */
async function prometheus(lists: Readonly<Record<string, unknown>>, series: readonly object[] = [], status = 200) {
  const urls: URL[] = []
  const pods = [presetPod('prometheus-0', 'prometheus', 9090)]
  const { open } = await servedStack(({ url }, response) => {
    const at = new URL(url ?? '', 'http://prometheus')
    urls.push(at)
    const path = at.pathname.replace('/api/v1/', '')
    if (path === 'query_range') response.writeHead(status).end(JSON.stringify({ data: { result: series } }))
    else response.end(JSON.stringify({ data: lists[path] ?? [] }))
  }, pods)
  return { open, urls }
}

test('the metrics of a service are listed with what has metrics', async () => {
  const { open, urls } = await prometheus({
    'label/__name__/values': ['up', 'jobs_total'],
    'label/service/values': ['web', 'api'],
    'label/service_name/values': ['api', 'batch'],
    metadata: { jobs_total: [{ type: 'counter', help: 'Done.', unit: '' }] },
  })
  expect(await readMetrics(open, 'api', asked)).toEqual({
    services: ['api', 'batch', 'web'],
    metrics: [
      { name: 'jobs_total', type: 'counter', help: 'Done.', unit: 'short' },
      { name: 'up', type: 'gauge', help: null, unit: 'short' },
    ],
    more: 0,
  })
  const names = urls.find(({ pathname }) => pathname.endsWith('/__name__/values'))
  expect(names?.searchParams.getAll('match[]')).toEqual([
    '{__name__!="",service="api"}',
    '{__name__!="",service_name="api"}',
  ])
  // Nothing is asked for without a limit.
  expect(urls.map(({ searchParams }) => Number(searchParams.get('limit')) > 0)).toEqual([true, true, true, true])
})

test('more metrics than are shown are counted', async () => {
  const names = Array.from({ length: 2100 }, (_, index) => `m${index}`)
  const { open } = await prometheus({ 'label/__name__/values': names })
  const { metrics, more } = await readMetrics(open, '', asked)
  expect([metrics.length, more]).toEqual([2000, 100])
})

test('a metric has a line for each series, and the query that it is from', async () => {
  const end = asked.now / 1000
  const result = ['/a', '/b'].map((path, value) => ({ metric: { path, job: 'x' }, values: [[end, `${value}`]] }))
  const { open, urls } = await prometheus(
    { 'label/__name__/values': ['jobs_total'], labels: ['__name__', 'job', 'le', 'path'] },
    result,
  )
  const drawn = await readMetric(open, question, asked)
  expect(drawn).toMatchObject({
    metric: { name: 'jobs_total', type: 'counter' },
    labels: ['job', 'path'],
    panels: [{ title: 'Rate', lines: [{ name: 'path=/a' }, { name: 'path=/b' }], more: 0, problem: null }],
  })
  expect(drawn?.times).toHaveLength(121)
  expect(drawn?.panels[0]?.lines[1]?.values.at(-1)).toBe(1)
  const query = urls.find(({ pathname }) => pathname.endsWith('/query_range'))?.searchParams
  expect([query?.get('query'), query?.get('limit')]).toEqual([drawn?.panels[0]?.queries[0], '1000'])
  // A counter of OpenMetrics is described without its end.
  const described = urls.filter(({ pathname }) => pathname.endsWith('/metadata'))
  expect(described.map(({ searchParams }) => searchParams.get('metric'))).toEqual(['jobs_total', 'jobs'])
})

test('many series are cut, and it says so', async () => {
  const result = Array.from({ length: 1000 }, (_, index) => ({ metric: { path: `/${index}` }, values: [] }))
  const { open } = await prometheus({ 'label/__name__/values': ['jobs_total'] }, result)
  const [panel] = (await readMetric(open, question, asked))?.panels ?? []
  expect(panel?.lines).toHaveLength(20)
  expect(panel).toMatchObject({ more: 980, description: 'Prometheus gave only the first 1000 series.' })
})

test('a query that fails is a problem of its chart; a name without series is no metric', async () => {
  const { open } = await prometheus({ 'label/__name__/values': ['jobs_total'] }, [], 422)
  const [panel] = (await readMetric(open, question, asked))?.panels ?? []
  expect(panel).toMatchObject({ lines: [], problem: expect.stringContaining('it answers 422') })
  expect(await readMetric(open, { ...question, name: 'none' }, asked)).toBeUndefined()
})
