import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { containersOf, type ShellDeps, shellAnswer, shellRoutes } from '../../../../src/commands/ui/shells.ts'
import type { CliContext } from '../../../../src/context.ts'
import { DevkError } from '../../../../src/errors.ts'
import type { Pod } from '../../../../src/kube/pod.ts'
import type { OpenProject } from '../../../../src/project/open.ts'
import type { PageTerminal } from '../../../../src/ui/terminal.ts'
import { fakeKube } from '../../../fakes/kube.ts'
import { startPage } from '../../ui/page-server.ts'

const labels = { 'devk.dev/project': 'todo', 'devk.dev/service': 'backend' }
const running = { running: { startedAt: '2026-11-30T12:00:00Z' } }

function podOf(name: string, more: Partial<Pod['metadata']> = {}): Pod {
  const states = [
    { name: 'app', state: running },
    { name: 'proxy', state: running },
    { name: 'migrate', state: { terminated: { exitCode: 0 } } },
  ]
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'todo', labels, ...more },
    spec: { containers: [{ name: 'proxy' }, { name: 'app' }] },
    status: { containerStatuses: states.map((state) => ({ ...state, ready: true, restartCount: 0 })) },
  } as Pod
}

/** A terminal, and an answer whose shells end when the test says so. */
function played(
  pods: readonly Pod[] = [podOf('backend-1'), podOf('other-1', { labels: { 'devk.dev/project': 'x' } })],
) {
  const started: string[] = []
  const ends: ((code: number) => void)[] = []
  const deps: ShellDeps = {
    open: async () =>
      ({
        record: { name: 'todo', services: [{ name: 'backend' }], externals: [], cluster: { context: 'kind-todo' } },
        kube: fakeKube({ objects: pods }),
        streams: {},
      }) as unknown as OpenProject,
    run: (_streams, { namespace, name }, { container, signal }) => {
      started.push(`${namespace}/${name}/${container}`)
      return new Promise((resolve, reject) => {
        ends.push(resolve)
        signal.addEventListener('abort', () => reject(new DevkError('KUBE_API', 'it ended', { hint: 'Again.' })))
      })
    },
  }
  const stop = new AbortController()
  const answer = shellAnswer({ signal: stop.signal } as CliContext, deps)
  const ask = (query: Record<string, string>, closed = new AbortController().signal) => {
    const terminal = { input: new PassThrough(), output: new PassThrough(), closed } as unknown as PageTerminal
    return answer(new URLSearchParams(query), terminal)
  }
  return { ask, started, ends, stop }
}

const place = { service: 'backend', pod: 'backend-1', container: 'app' }

test('a shell runs in the container that was asked for, and its exit code is told', async () => {
  const { ask, started, ends } = played()
  const answer = ask(place)
  await expect.poll(() => started).toEqual(['todo/backend-1/app'])
  ends[0]?.(7)
  expect(await answer).toEqual({ exitCode: 7 })
})

test.each<[string, Record<string, string>, RegExp]>([
  ['no pod', { service: 'backend' }, /names no pod/],
  ['a path as a pod', { ...place, pod: '../secrets/a' }, /names no pod/],
  ['an unknown service', { ...place, service: 'none' }, /no service "none"/],
  ['a pod of another project', { ...place, pod: 'other-1' }, /backend has no pod other-1/],
  ['a pod that is gone', { ...place, pod: 'backend-0' }, /backend has no pod backend-0/],
  ['no container', { service: 'backend', pod: 'backend-1' }, /No container/],
  ['a container that has ended', { ...place, container: 'migrate' }, /No container migrate of backend runs/],
])('no shell is started for %s', async (_name, query, failure) => {
  const { ask, started } = played()
  expect(await ask(query)).toMatchObject({ failure: expect.stringMatching(failure) })
  expect(started).toEqual([])
})

test('a shell ends with its terminal and with devk', async () => {
  const { ask, started, stop } = played()
  const closed = new AbortController()
  const first = ask(place, closed.signal)
  const second = ask(place)
  await expect.poll(() => started.length).toBe(2)
  closed.abort()
  expect(await first).toEqual({ failure: 'it ended', hint: 'Again.' })
  stop.abort()
  expect(await second).toEqual({ failure: 'it ended', hint: 'Again.' })
})

test('at most 16 shells run at a time, and one that has ended makes room', async () => {
  const { ask, started, ends } = played()
  const all = Array.from({ length: 16 }, () => ask(place))
  expect(await ask(place)).toMatchObject({ failure: '16 shells are open' })
  await expect.poll(() => started.length).toBe(16)
  ends[0]?.(0)
  await all[0]
  const more = ask(place)
  await expect.poll(() => started.length).toBe(17)
  for (const end of ends) end(0)
  expect(await more).toEqual({ exitCode: 0 })
})

test('the containers of a pod: those that run, the one that devk exec takes first', () => {
  expect(containersOf(podOf('a'), 'backend')).toEqual(['proxy', 'app'])
  const preferred = { annotations: { 'kubectl.kubernetes.io/default-container': 'app' } }
  expect(containersOf(podOf('a', preferred), 'backend')).toEqual(['app', 'proxy'])
  const shared = { annotations: { 'devk.dev/containers': 'app=backend,proxy=worker' } }
  expect(containersOf(podOf('a', shared), 'worker')).toEqual(['proxy'])
})

test('a project that cannot be opened is told in the preview, with the way', async () => {
  const stop = new AbortController()
  const open = async () => {
    throw new DevkError('KUBE_API', 'The cluster does not answer', { hint: 'Start it.' })
  }
  const changes = shellRoutes({ signal: stop.signal } as CliContext, { open })
  const { api, token } = await startPage({ api: {}, changes }, stop)
  const authorization = `Bearer ${token}`
  const { key } = (await (await fetch(`${api}/key`, { headers: { authorization } })).json()) as { key: string }
  const headers = { authorization, 'content-type': 'application/json', 'x-devk-key': key }
  const body = JSON.stringify({ service: 'backend', pod: 'backend-1' })
  const answer = await fetch(`${api}/shell-preview`, { method: 'POST', headers, body })
  expect(await answer.json()).toEqual({ ok: false, text: 'The cluster does not answer', hint: 'Start it.' })
})
