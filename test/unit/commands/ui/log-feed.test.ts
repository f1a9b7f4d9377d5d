import { Readable } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { logFeed } from '../../../../src/commands/ui/log-feed.ts'
import type { KubeObject } from '../../../../src/kube/api.ts'
import { labels } from '../../../../src/lib/keys.ts'
import { cell } from '../../../../src/logs/view.ts'
import type { OpenProject } from '../../../../src/project/open.ts'
import { sessionSocket } from '../../../../src/session/socket.ts'
import { folder, served } from '../../session/served.ts'

const pod = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'todo', uid: name, labels: { [labels.service]: 'backend' } },
  spec: { containers: [{ name: 'app' }] },
  status: { containerStatuses: [{ name: 'app', state: { running: {} } }] },
})

/** A cluster with one pod, which has written one line. */
function cluster(name: string): OpenProject & { readonly ended: () => boolean } {
  let ended = false
  const open = {
    record: { name: 'todo', services: [{ name: 'backend' }], externals: [], presets: [] },
    kube: {
      watch: (_kind: object, { signal }: { signal: AbortSignal }, onEvent: (event: object) => void) => {
        onEvent({ type: 'SYNCED', objects: [pod(name)] })
        return new Promise<void>((resolve) =>
          signal.addEventListener('abort', () => {
            ended = true
            resolve()
          }),
        )
      },
    },
    streams: { logs: async () => Readable.from([Buffer.from(`2026-11-29T12:00:00.5Z line of ${name}\n`)]) },
    ended: () => ended,
  }
  return open as unknown as OpenProject & { readonly ended: () => boolean }
}

function feed(project = cell<OpenProject | undefined>(undefined), socket = '/nowhere/session/v1.sock') {
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  return { ...logFeed({ project, socket }, stop.signal), project }
}

test('nothing is read before anyone looks', () => {
  const { project } = feed(cell<OpenProject | undefined>(cluster('a')))
  expect((project.get() as ReturnType<typeof cluster>).ended()).toBe(false)
})

test('lines come when a cluster is there, and those of the next one after it', async () => {
  const { lines, begin, project } = feed()
  begin()
  begin()
  const first = cluster('a')
  project.set(first)
  const texts = () => lines.after(0, 10).items.map(({ item }) => `${item.service} ${item.text}`)
  await expect.poll(texts).toContain('backend line of a')
  project.set(cluster('b'))
  await expect.poll(texts).toContain('backend line of b')
  expect(first.ended()).toBe(true)
})

test('lines of programs of this machine come beside those of pods, without a pod', async () => {
  const socket = sessionSocket(await folder())
  const { of } = await served(socket)
  const time = '2026-11-29T12:00:00.000Z'
  of.line({ service: 'web', time, text: 'before anyone looked' })
  const { lines, begin, project } = feed(cell<OpenProject | undefined>(cluster('a')), socket)
  begin()
  const all = () => lines.after(0, 10).items.map(({ item }) => item)
  await expect.poll(all, { timeout: 20_000 }).toContainEqual({ service: 'web', time, text: 'before anyone looked' })
  await expect.poll(() => all().map(({ text }) => text)).toContain('line of a')
  // Also while the cluster is away.
  project.set(undefined)
  of.line({ service: 'web', time, text: 'and now' })
  await expect.poll(() => all().map(({ text }) => text), { timeout: 20_000 }).toContain('and now')
})
