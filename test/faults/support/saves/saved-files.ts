import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { eventually } from '../../../e2e/support/eventually.ts'
import { fileIn } from '../../oracle/containers.ts'
import { runningIn } from '../../oracle/pods.ts'
import type { LiveCluster } from '../live/cluster.ts'

/** Files that are saved one after the other, and what devk said about them. */
export interface SavedFiles {
  /** Writes a file. */
  save(path: string, content: string): void
  /** True once devk said that the last save is synced. When it said that it failed, the file is saved again. */
  isSaid(): true | undefined
  /** devk says that these files are in all running containers, and that it began to send them `ms` milliseconds ago. */
  synced(paths: readonly string[], ms: number): void
  /** devk says that files did not arrive. */
  failed(): void
  /** Throws when a file was not in the containers when devk said that it was. */
  check(): Promise<void>
}

/** A container that started less than this before the save (ms) need not be known to devk, which sends it the file later. */
const newsMs = 2000
/** A user who reads of a failure saves again after this (ms). */
const againMs = 2000

/** Follows the saves of a project below a folder. */
export function savedFiles({ server, cluster }: LiveCluster, project: string, folder: string): SavedFiles {
  let last: { path: string; content: string; since: number; savedAt: number } | undefined
  let saidAt: number | undefined
  let hasFailed = false
  return {
    save(path, content) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      saidAt = undefined
      hasFailed = false
      const now = Date.now()
      last = { path, content, since: now, savedAt: now }
      writeFileSync(join(folder, path), content)
    },
    isSaid() {
      if (saidAt !== undefined) return true
      if (last === undefined || !hasFailed || Date.now() - last.savedAt < againMs) return undefined
      last = { ...last, savedAt: Date.now() }
      writeFileSync(join(folder, last.path), last.content)
      return undefined
    },
    synced(paths, ms) {
      // What was on its way before the save is an earlier state of the file.
      const isOfSave = last !== undefined && Date.now() - ms + 1 >= last.since
      if (isOfSave && paths.includes(`/app/${last?.path}`)) saidAt ??= Date.now()
    },
    failed() {
      hasFailed = true
    },
    async check() {
      if (last === undefined || saidAt === undefined) return
      const { path, content, savedAt } = last
      const said = saidAt
      // A paused node answers later. What it has written keeps its time.
      const { before, found } = await eventually('an answer of the node', 60, async () => {
        const running = await runningIn(server, project)
        const files = await fileIn(
          cluster.node,
          running.map(({ id }) => id),
          path,
        )
        const isOld = ({ startedAt }: { startedAt: number }) => startedAt < savedAt - newsMs
        return { before: running.filter((each) => files.has(each.id) && isOld(each)), found: files }
      })
      const isThere = (id: string) => {
        const file = found.get(id)
        return file?.content === content && (hasFailed || file.at <= said + 1)
      }
      const lacking = before.filter(({ id }) => !isThere(id))
      if (lacking.length > 0 && !hasFailed) {
        const states = lacking.map(({ id }) => `${id.slice(0, 8)} has ${JSON.stringify(found.get(id))}`)
        throw new Error(`${path} was said to be synced at ${said} with ${content}, but ${states.join(', ')}`)
      }
      if (before.length > 0 && lacking.length === before.length) {
        throw new Error(`${path} was said to be synced, and no container had it`)
      }
    },
  }
}
