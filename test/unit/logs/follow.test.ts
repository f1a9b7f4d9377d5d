import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { KubeObject } from '../../../src/kube/api.ts'
import { followLogs } from '../../../src/logs/follow.ts'
import { readLogs } from '../../../src/logs/read.ts'
import type { LogLine } from '../../../src/logs/record.ts'
import { fakeKube } from '../../fakes/kube.ts'
import { line, logServer } from './support.ts'

const podOf = (name: string, service: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'todo', labels: { 'devk.dev/project': 'todo', 'devk.dev/service': service } },
  status: { containerStatuses: [{ name: 'main', restartCount: 0, state: { running: {} } }] },
})
const labels = 'devk.dev/project=todo'

/** A log server for each pod. */
function servers(...names: string[]) {
  const each = new Map(names.map((name) => [name, logServer()]))
  const of = (name: string) => {
    const server = each.get(name)
    if (!server) throw new Error(`no log of ${name}`)
    return server
  }
  return { of, streams: { logs: (pod, options) => of(pod.name).logs(pod, options) } as ReturnType<typeof logServer> }
}

async function take(lines: AsyncGenerator<LogLine>, count: number): Promise<string[]> {
  const texts = []
  while (texts.length < count) {
    const { value, done } = await lines.next()
    if (done) break
    texts.push(`${value.service} ${value.pod} ${value.text}`)
  }
  return texts
}

test('follows existing pods and new pods, in the order of time', async () => {
  const kube = fakeKube({ objects: [podOf('backend-1', 'backend')] })
  const { of, streams } = servers('backend-1', 'frontend-1')
  const stop = new AbortController()
  const lines = followLogs({ kube, streams }, { labels, signal: stop.signal })
  of('backend-1').write(line(0), line(20))
  const first = take(lines, 2)
  expect(await first).toEqual(['backend backend-1 0', 'backend backend-1 20'])
  kube.put(podOf('frontend-1', 'frontend'))
  of('frontend-1').write(line(30), line(50))
  of('backend-1').write(line(40))
  expect(await take(lines, 3)).toEqual(['frontend frontend-1 30', 'backend backend-1 40', 'frontend frontend-1 50'])
  stop.abort()
  expect(await lines.next()).toEqual({ value: undefined, done: true })
})

test('all streams end when the consumer stops', async () => {
  const kube = fakeKube({ objects: [podOf('backend-1', 'backend')] })
  const { of, streams } = servers('backend-1')
  of('backend-1').write(line(0))
  for await (const _ of followLogs({ kube, streams }, { labels, signal: new AbortController().signal })) break
  expect(of('backend-1').requests.map(({ signal }) => signal.aborted)).toEqual([true])
})

test('while nobody reads, a bounded number of lines is kept, and one line tells how many were dropped', async () => {
  const kube = fakeKube({ objects: [podOf('backend-1', 'backend')] })
  const { of, streams } = servers('backend-1')
  const limits = { size: 2000, gatherMs: 0, patienceMs: 5 }
  const lines = followLogs({ kube, streams }, { labels, limits, signal: new AbortController().signal })
  of('backend-1').write(line(0))
  const read: (string | number)[] = []
  const next = async () => {
    const { text, dropped } = (await lines.next()).value as LogLine
    read.push(dropped ?? Number(text))
    return { text, dropped }
  }
  await next()
  of('backend-1').write(...Array.from({ length: 500 }, (_, n) => line(n + 1)))
  await sleep(100)
  for (;;) {
    const { text, dropped } = await next()
    if (dropped === undefined) continue
    expect(text).toBe(`… ${dropped} lines dropped, because the output was not read`)
    break
  }
  of('backend-1').write(line(501))
  await next()
  const [dropped, last] = read.slice(-2)
  const kept = read.slice(0, -2)
  expect(kept).toEqual(kept.map((_, n) => n))
  expect(kept.length).toBeLessThan(30)
  expect([kept.length + Number(dropped), last]).toEqual([501, 501])
})

test('since is exact although the API uses whole seconds, and grep selects lines', async () => {
  const kube = fakeKube({ objects: [podOf('backend-1', 'backend')] })
  const { of, streams } = servers('backend-1')
  of('backend-1').write(...Array.from({ length: 60 }, (_, n) => line(n)))
  const query = { labels, since: '2026-01-01T00:00:00.3Z', grep: /[05]$/g, signal: new AbortController().signal }
  expect(await take(readLogs({ kube, streams }, query), 100)).toEqual(
    ['30', '35', '40', '45', '50', '55'].map((n) => `backend backend-1 ${n}`),
  )
})

test('reading merges the logs of all pods by time', async () => {
  const kube = fakeKube({ objects: [podOf('backend-1', 'backend'), podOf('backend-2', 'backend')] })
  const { of, streams } = servers('backend-1', 'backend-2')
  of('backend-1').write(line(10), line(30), line(31))
  of('backend-2').write(line(20), line(50))
  const lines = await take(readLogs({ kube, streams }, { labels, signal: new AbortController().signal }), 100)
  expect(lines.map((text) => text.split(' ')[2])).toEqual(['10', '20', '30', '31', '50'])
})

test('reading merges lines of others by time, also finer than a millisecond', async () => {
  const kube = fakeKube({ objects: [podOf('backend-1', 'backend')] })
  const { of, streams } = servers('backend-1')
  of('backend-1').write('2026-01-01T00:00:01.5000001Z pod', '2026-01-01T00:00:02Z pod')
  const times = ['2026-01-01T00:00:01.500Z', '2026-01-01T00:00:01.501Z', '2026-01-01T00:00:03.000Z']
  const others = times.map((time) => ({ service: 'web', time, text: 'here' }))
  const read: string[] = []
  const query = { labels, signal: new AbortController().signal }
  for await (const { text } of readLogs({ kube, streams }, query, others)) read.push(text)
  expect(read).toEqual(['here', 'pod', 'here', 'pod', 'here'])
})

test('each container of a pod of two services logs under the name of its service', async () => {
  const pod = podOf('shop-1', 'web')
  pod.metadata.annotations = { 'devk.dev/containers': 'php=web,nginx=proxy' }
  const state = { restartCount: 0, state: { running: {} } }
  pod.status = {
    containerStatuses: [
      { name: 'php', ...state },
      { name: 'nginx', ...state },
    ],
  }
  const kube = fakeKube({ objects: [pod] })
  const each = new Map(['php', 'nginx'].map((name) => [name, logServer()]))
  each.get('php')?.write(line(0))
  each.get('nginx')?.write(line(1))
  for (const server of each.values()) server.end()
  const streams = {
    logs: (ref, options) => each.get(options.container)?.logs(ref, options),
  } as ReturnType<typeof logServer>
  const read: string[] = []
  const query = { labels, signal: new AbortController().signal }
  for await (const { service, container } of readLogs({ kube, streams }, query)) read.push(`${service} ${container}`)
  expect(read).toEqual(['web php', 'proxy nginx'])
})
