import { expect, test } from 'vitest'
import { askerOf, posterOf } from '../../../src/telemetry/ask.ts'
import { presetPod, servedStack } from './served.ts'

const { signal } = new AbortController()
const prometheus = { preset: 'prometheus', port: 9090 }
const pods = [presetPod('alertmanager-0', 'prometheus', 9093), presetPod('prometheus-0', 'prometheus', 9090)]

test('the pod with the port of the preset is asked, with one request for each question', async () => {
  const { open, connected } = await servedStack(({ method, url, headers }, response) => {
    response.end(JSON.stringify({ method, url, host: headers.host }))
  }, pods)
  const ask = await askerOf(open, prometheus, signal)
  expect(await ask('/api/v1/query?query=up')).toEqual({
    method: 'GET',
    url: '/api/v1/query?query=up',
    host: 'localhost',
  })
  await ask('/api/v1/query?query=down')
  expect(connected).toEqual(Array(2).fill('monitoring/prometheus-0:9090'))
})

test('a pod that is not ready, or of another project, is not asked', async () => {
  const other = presetPod('prometheus-1', 'prometheus', 9090)
  other.metadata.labels = { ...other.metadata.labels, 'devk.dev/project': 'another' }
  const { open } = await servedStack(() => {}, [presetPod('prometheus-0', 'prometheus', 9090, false), other])
  await expect(askerOf(open, prometheus, signal)).rejects.toMatchObject({
    code: 'NOT_READY',
    message: 'No pod of the preset prometheus is ready',
  })
})

test.each([
  ['an error', 500, 'out of memory', 'it answers 500: out of memory'],
  ['no JSON', 200, '<html>', 'not valid JSON'],
])('%s is a failure that says what it is', async (_name, status, text, message) => {
  const { open } = await servedStack((_request, response) => response.writeHead(status).end(text), pods)
  const ask = await askerOf(open, prometheus, signal)
  await expect(ask('/')).rejects.toMatchObject({ code: 'NOT_READY', message: expect.stringContaining(message) })
})

test('what is not found is undefined', async () => {
  const { open } = await servedStack((_request, response) => response.writeHead(404).end('{"errors":[]}'), pods)
  expect(await (await askerOf(open, prometheus, signal))('/api/traces/ab')).toBeUndefined()
})

test('a connection that ends early is a failure, and so is an answer without end', async () => {
  const { open } = await servedStack(({ url }, response) => {
    if (url === '/gone') return response.destroy()
    const chunk = 'x'.repeat(1024 * 1024)
    response.writeHead(200)
    for (let sent = 0; sent < 40; sent++) response.write(chunk)
    return response.end()
  }, pods)
  const ask = await askerOf(open, prometheus, signal)
  await expect(ask('/gone')).rejects.toMatchObject({ code: 'NOT_READY' })
  await expect(ask('/long')).rejects.toThrow('longer than 32 MiB')
})

test('a question ends with its signal', async () => {
  const stop = new AbortController()
  const { open } = await servedStack(() => stop.abort(new Error('enough')), pods)
  const ask = await askerOf(open, prometheus, stop.signal)
  await expect(ask('/')).rejects.toThrow('enough')
})

test('what is sent arrives as JSON, and a refusal says why', async () => {
  const taken: unknown[] = []
  const { open } = await servedStack(async (request, response) => {
    const text = Buffer.concat(await request.toArray()).toString('utf8')
    taken.push([request.method, request.url, request.headers['content-type'], JSON.parse(text)])
    if (request.url === '/none') response.writeHead(404)
    if (request.url === '/wrong') response.writeHead(400).write('a span without an id')
    response.end()
  }, pods)
  const post = await posterOf(open, prometheus, signal)
  await post('/v1/traces', { name: 'ä' })
  expect(taken).toEqual([['POST', '/v1/traces', 'application/json', { name: 'ä' }]])
  await expect(post('/wrong', {})).rejects.toThrow('it answers 400: a span without an id')
  await expect(post('/none', {})).rejects.toMatchObject({
    code: 'NOT_READY',
    message: 'The preset prometheus has no /none',
  })
})
