import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { KubeObject, WatchEvent } from '../../../../src/kube/api.ts'
import { type WatchSource, watchKind } from '../../../../src/kube/client/watch.ts'

const timing = { silenceMs: 60, serverSeconds: 240, firstPauseMs: 1, longestPauseMs: 5 }
const pod = (name: string, resourceVersion: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, resourceVersion },
})

/** Runs a watch whose n-th stream comes from the n-th function, and ends it after the last one. */
async function watch(streams: ((stream: PassThrough) => void)[], extra: Partial<WatchSource> = {}) {
  const stop = new AbortController()
  const events: WatchEvent[] = []
  const from: (string | undefined)[] = []
  let lists = 0
  let opened = 0
  const source: WatchSource = {
    path: async () => '/pods',
    async list() {
      lists += 1
      return { items: [pod('a', '1')], resourceVersion: String(lists * 100) }
    },
    async open(_path, parameters, signal) {
      const act = streams[opened++]
      if (!act) {
        stop.abort()
        throw new Error('over')
      }
      from.push(parameters.resourceVersion)
      const stream = new PassThrough()
      signal.addEventListener('abort', () => stream.destroy())
      act(stream)
      return stream
    },
    ...extra,
  }
  await watchKind(source, stop.signal, (event) => events.push(event), timing)
  return { events: events.map((event) => event.type), from, lists: () => lists, stop }
}

const line = (type: string, object: object) => `${JSON.stringify({ type, object })}\n`

test('a watch that the server closes resumes at its last version, also after a bookmark', async () => {
  const { events, from } = await watch([
    (stream) => stream.end(line('ADDED', pod('b', '101')) + line('BOOKMARK', pod('', '150'))),
    (stream) => stream.end(line('DELETED', pod('b', '160'))),
  ])
  expect(events).toEqual(['SYNCED', 'ADDED', 'DELETED'])
  expect(from).toEqual(['100', '150'])
})

test.each([
  ['a broken connection', (stream: PassThrough) => void setTimeout(() => stream.destroy(new Error('reset')), 1)],
  ['a version that is too old', (stream: PassThrough) => void stream.end(line('ERROR', { code: 410, metadata: {} }))],
  ['an event that is cut off', (stream: PassThrough) => void stream.end('{"type":"ADD')],
  ['a server that is silent', () => {}],
])('after %s the state is listed again', async (_name, act) => {
  const { events, from } = await watch([act, (stream) => void stream.end(line('ADDED', pod('b', '201')))])
  expect(events).toEqual(['SYNCED', 'SYNCED', 'ADDED'])
  expect(from).toEqual(['100', '200'])
})

test('an event in several chunks is one event', async () => {
  const text = Buffer.from(line('ADDED', pod('grüße', '101')))
  const border = text.indexOf(0xc3) + 1
  const { events } = await watch([
    (stream) => {
      stream.write(text.subarray(0, border))
      setTimeout(() => stream.end(text.subarray(border)), 5)
    },
  ])
  expect(events).toEqual(['SYNCED', 'ADDED'])
})

test('a list that fails is repeated', async () => {
  let lists = 0
  const { events } = await watch([], {
    async list() {
      lists += 1
      if (lists < 3) throw new Error('unreachable')
      return { items: [], resourceVersion: '1' }
    },
  })
  expect(events).toEqual(['SYNCED'])
})

test('an undefined kind is reported as empty once, and found when it is defined', async () => {
  let asked = 0
  const { events } = await watch([], {
    path: async () => {
      asked += 1
      return asked < 4 ? undefined : '/pods'
    },
  })
  expect(events).toEqual(['SYNCED', 'SYNCED'])
})
