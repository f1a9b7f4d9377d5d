import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { SessionEvent } from '../../../../src/loop/events.ts'
import { traceSaves } from '../../../../src/up/live/trace-saves.ts'
import { configOf } from '../../stack/support.ts'
import { presetPod, servedStack } from '../../telemetry/served.ts'

const { signal } = new AbortController()
const about = { version: '0.1.0', clock: Date.now }
const save = { id: 1, steps: [{ name: 'written', ms: 3 }], ms: 3 }
const synced: SessionEvent = { type: 'synced', service: 'web', files: ['/a'], ms: 3, again: false, save }

/** A service with a URL; `asked` are the headers of its requests. */
async function service() {
  const asked: (string | undefined)[] = []
  const server = createServer((request, response) => {
    asked.push(request.headers.traceparent?.toString())
    response.end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return { asked, config: () => configOf({ services: { web: { image: 'x', url } } }) }
}

test('a save is sent to the collector of Jaeger, and its service is asked in the name of its trace', async () => {
  const taken: unknown[] = []
  const { open, connected } = await servedStack(
    async (request, response) => {
      taken.push(request.url, JSON.parse(Buffer.concat(await request.toArray()).toString('utf8')))
      response.end('{}')
    },
    [presetPod('jaeger-0', 'jaeger', 4318)],
  )
  const { asked, config } = await service()
  const name = () => ({ ...config(), name: 'todo' })
  const events: SessionEvent[] = []
  const report = () => ({ event: (event: SessionEvent) => events.push(event), line: expect.unreachable })
  const traces = traceSaves(about, { config: name, cluster: open, report }, signal)
  traces.event(synced)
  await traces.done()
  expect(connected).toEqual(['monitoring/jaeger-0:4318'])
  const [path, request] = taken as [string, { resourceSpans: { resource: object; scopeSpans: { spans: Span[] }[] }[] }]
  expect(path).toBe('/v1/traces')
  const [{ resource, scopeSpans } = { resource: {}, scopeSpans: [] }] = request.resourceSpans
  expect(JSON.stringify(resource)).toMatch(/"service.name".*"devk".*"devk.project".*"todo"/)
  const spans = scopeSpans.flatMap((each) => each.spans)
  expect(spans.map((span) => span.name)).toEqual(['save of web', 'written', 'first good answer'])
  expect(events).toEqual([{ type: 'traced', service: 'web', number: 1, trace: spans[0]?.traceId }])
  expect(asked).toEqual([`00-${spans[2]?.traceId}-${spans[2]?.spanId}-01`])
})

interface Span {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
}

test('without a collector that is ready, devk says so once', async () => {
  const { open } = await servedStack(() => {}, [])
  const { config } = await service()
  const said: string[] = []
  const report = () => ({
    event: () => expect.unreachable(),
    line: (service: string, text: string) => said.push(`${service}: ${text}`),
  })
  const traces = traceSaves(about, { config, cluster: open, report }, signal)
  for (let round = 0; round < 2; round++) {
    traces.event(synced)
    await traces.done()
  }
  expect(said).toEqual(['devk: A save could not be sent as a trace: No pod of the preset jaeger is ready'])
})
