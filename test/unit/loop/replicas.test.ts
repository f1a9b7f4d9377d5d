import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ignoreRules } from '../../../src/images/build/ignore.ts'
import { decide, type WatchedService } from '../../../src/loop/decide.ts'
import { serviceLoop } from '../../../src/loop/service-loop.ts'
import type { SavedFile } from '../../../src/sync/pending-tree.ts'
import type { SyncTarget } from '../../../src/sync/syncer.ts'
import { changesBetween, filesOf, inContainer, put, remove, type Tree } from './tree-support.ts'

const service: WatchedService = {
  name: 'api',
  context: '/p',
  dockerfile: '/p/Dockerfile',
  ignore: ignoreRules(''),
  unwatched: ignoreRules(''),
  rebuilds: () => false,
  sync: [{ from: '/p/src', to: '/app', exclude: ignoreRules(''), unbuilt: false }],
}

const sources = { services: [service], redeploy: { roots: [], reads: () => false, mayReadBelow: () => false } }

/** Paths that can take each other's place: `d` is a file, or the folder of `d/x`. */
const paths = ['src/a', 'src/b', 'src/d', 'src/d/x', 'src/d/x/y', 'package.json'] as const

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('write'), path: fc.constantFrom(...paths), text: fc.nat(1) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete'), path: fc.constantFrom(...paths) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('rename'), path: fc.constantFrom(...paths), to: fc.constantFrom(...paths) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('flicker'),
      path: fc.constantFrom(...paths),
      inner: fc.constantFrom('restart', 'built', 'settle', 'turn'),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('batch', 'restart', 'built', 'failed', 'settle', 'turn') }) },
)
type Step = { do: string; path?: string; to?: string; text?: number; inner?: string }

/** Runs a history. Returns the files on this machine and in a container at its end, and what failed to sync. */
async function live(history: readonly Step[]) {
  const disk: Tree = new Map()
  for (const path of ['src/a', 'src/d/x', 'package.json']) put(disk, path, 'old')
  let seen: Tree = new Map(disk)
  /** A number for each time that a path was written. */
  const versions = new Map<string, number>()
  let looked = new Map<string, number>()
  let writes = 0
  const versionOf = (path: string) => versions.get(path) ?? 0
  let image: Tree = new Map(disk)
  let container: Tree = new Map(image)
  let number = 0
  const failures: string[] = []
  let build: { content: Tree; resolve(stages: []): void; reject(error: Error): void } | undefined
  const target = (): SyncTarget => ({
    service: 'api',
    pod: { namespace: 'n', name: `p${number}` },
    container: 'main',
    containerId: `c${number}`,
    node: 'node',
  })
  const done = new AbortController()
  const loop = serviceLoop(
    'api',
    {
      pods: { newestReady: () => undefined, running: () => [target()], broken: () => [], subscribe: () => () => {} },
      syncer: {
        async send(_target, files) {
          for (const file of files) inContainer(container, disk, file)
          const sent = files.flatMap((file) => (file.kind === 'write' ? [file] : []))
          const read = new Map(
            sent.map(({ from, to }) => {
              const path = from.slice('/p/'.length)
              return [to, disk.get(path) === undefined ? Number.NaN : versionOf(path)]
            }),
          )
          // The answer comes later. Files and containers may change meanwhile.
          await turn()
          return { files: files.length, bytes: 0, ms: 0, versions: read }
        },
      },
      run: async () => ({ exitCode: 0, output: '' }),
      compile: async () => ({ problem: 'no compiler', output: '', files: [] }),
      rebuild: (_service, signal) =>
        new Promise((resolve, reject) => {
          build = { content: readContext(), resolve, reject }
          signal.addEventListener('abort', () => reject(signal.reason))
        }),
      deletePod: async () => {},
      report: (event) => {
        if (event.type === 'failed' && event.during === 'sync') failures.push(String(event.error))
      },
    },
    done.signal,
  )
  const settle = async () => {
    for (let i = 0; i < 10; i += 1) await turn()
  }
  const restart = () => {
    number += 1
    container = new Map(image)
    loop.podsChanged()
  }
  const batch = () => {
    const changes = changesBetween(seen, disk)
    const saved = [...disk.keys()].filter(
      (path) =>
        disk.get(path) !== undefined && disk.get(path) === seen.get(path) && versionOf(path) !== looked.get(path),
    )
    const savedFiles = saved.flatMap((path): SavedFile[] => {
      const actions = decide([{ path: `/p/${path}`, kind: 'changed' }], sources).services
      const times = { before: looked.get(path) ?? 0, after: versionOf(path) }
      return actions.flatMap(({ files }) => files.map((file) => ({ file, ...times })))
    })
    seen = new Map(disk)
    looked = new Map(versions)
    const { services } = decide(changes, sources)
    for (const action of services) loop.act(action, savedFiles)
    if (services.length === 0 && saved.length > 0) loop.retry(savedFiles)
  }
  /**
   * A build may read newer contents than the last batch reported. It reads no file that exists for less than a batch,
   * and misses none that is gone for less than a batch: the watch does not report these.
   */
  const readContext = (): Tree => {
    const newest = ([path, text]: [string, string | undefined]): [string, string | undefined] => {
      const isSameKind = disk.has(path) && (disk.get(path) === undefined) === (text === undefined)
      return [path, isSameKind ? disk.get(path) : text]
    }
    return new Map([...seen].map(newest))
  }
  const endBuild = async (fails: boolean) => {
    const ending = build
    if (ending === undefined) return
    build = undefined
    if (fails) return ending.reject(new Error('the build fails'))
    // The new container starts before the rollout is known to be ready.
    image = ending.content
    restart()
    await settle()
    ending.resolve([])
  }
  const perform = async ({ do: what, path = '', to = '', text, inner }: Step) => {
    if (what === 'flicker' && typeof disk.get(path) === 'string') {
      const before = disk.get(path)
      await perform({ do: 'write', path, text: 9 })
      await perform({ do: inner ?? 'turn' })
      put(disk, path, before ?? '')
    }
    const touched = what === 'flicker' ? [path] : [path, to]
    const isNear = (a: string, b: string) => a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`)
    writes += 1
    for (const each of paths) if (touched.some((other) => isNear(each, other))) versions.set(each, writes)
    if (what === 'write') put(disk, path, String(text))
    if (what === 'delete') remove(disk, path)
    if (what === 'rename' && typeof disk.get(path) === 'string') {
      const moved = disk.get(path) ?? ''
      remove(disk, path)
      put(disk, to, moved)
    }
    if (what === 'batch') batch()
    if (what === 'restart') restart()
    if (what === 'built' || what === 'failed') await endBuild(what === 'failed')
    if (what === 'settle') await settle()
    if (what === 'turn') await turn()
  }
  for (const each of history) await perform(each)
  batch()
  await settle()
  await endBuild(false)
  loop.retry()
  await settle()
  await endBuild(false)
  await settle()
  const lived = filesOf(container)
  restart()
  await settle()
  return { disk: filesOf(disk), lived, restarted: filesOf(container), failures }
}

test('after any history of saves, builds and restarts, a container has exactly the files of this machine', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (history) => {
      const { disk, lived, restarted, failures } = await live(history)
      expect(lived).toEqual(disk)
      expect(restarted).toEqual(disk)
      expect(failures).toEqual([])
    }),
    { numRuns: 1000 },
  )
}, 60_000)
