import { expect, test } from 'vitest'
import { history } from '../../../src/ui/history.ts'
import { type PageServerOptions, sendJson } from '../../../src/ui/server.ts'
import { bell, historyReader, placesOf, streamEvents } from '../../../src/ui/sse.ts'
import { startPage } from './page-server.ts'

async function served() {
  const stop = new AbortController()
  const lines = history<string>({ items: 10, size: 1000 })
  const rings = bell()
  const answers: PageServerOptions['api'] = {
    '/api/v1/state': (_request, response) => sendJson(response, { project: 'todo' }),
    '/api/v1/broken': async () => {
      throw new Error('no disk')
    },
    '/api/v1/logs': (request, response) => {
      const lastEventId = request.headers['last-event-id'] as string | undefined
      const data = (items: readonly string[], missed: number) => ({ items, missed })
      const reader = historyReader(lines, { name: 'lines', places: placesOf('ab'), lastEventId, most: 10, data })
      return streamEvents(response, { readers: [reader], rings, signal: stop.signal })
    },
  }
  const { url, api, token } = await startPage({ api: answers }, stop)
  const program = { headers: { authorization: `Bearer ${token}` } }
  return { url, api, program, lines, rings, stop }
}

test('the URL gives a cookie, with which the page and its API are served', async () => {
  const { url } = await served()
  const entered = await fetch(url)
  const [cookie] = (entered.headers.get('set-cookie') ?? '').split(';')
  const page = url.replace(/\?.*/, '')
  const headers = { cookie: cookie ?? '' }
  expect(await (await fetch(page, { headers })).text()).toBe('the index.html')
  expect(await (await fetch(`${page}main.js`, { headers })).text()).toBe('the main.js')
  expect(await (await fetch(`${page}api/v1/state`, { headers })).json()).toEqual({ project: 'todo' })
  for (const path of ['missing', '..%2f..%2fpackage.json', 'constructor', '__proto__'])
    expect((await fetch(page + path, { headers })).status, path).toBe(404)
})

test('no answer can be framed, sniffed, stored or read by another origin, and no script runs but its own', async () => {
  const { api, program } = await served()
  for (const target of [`${api}/state`, `${api}/missing`, api.replace('/api/v1', '/')]) {
    const { headers } = await fetch(target, program)
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    })
    expect(headers.get('access-control-allow-origin')).toBeNull()
    const policy = headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'; script-src 'self'")
    expect(policy).not.toContain('unsafe')
  }
})

test('nothing is served without a key, and a failure of the API is its answer', async () => {
  const { api, program } = await served()
  expect((await fetch(`${api}/state`)).status).toBe(401)
  expect((await fetch(`${api}/state`, { ...program, method: 'POST' })).status).toBe(405)
  const broken = await fetch(`${api}/broken`, program)
  expect([broken.status, await broken.text()]).toEqual([500, 'Error: no disk\n'])
})

test('a stream sends what is there, then what comes, and ends with the server', async () => {
  const { api, program, lines, rings, stop } = await served()
  lines.add('a')
  const response = await fetch(`${api}/logs`, program)
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  const chunks = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const until = async (part: string) => {
    while (!text.includes(part)) {
      const { value, done } = await chunks.read()
      if (done) throw new Error(`The stream ended before ${part}: ${text}`)
      text += value
    }
  }
  await until('id: ab-1\nevent: lines\ndata: {"items":["a"],"missed":0}')
  lines.add('b')
  rings.ring()
  await until('id: ab-2\nevent: lines\ndata: {"items":["b"],"missed":0}')
  stop.abort()
  expect((await chunks.read()).done).toBe(true)
})
