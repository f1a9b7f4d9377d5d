import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import type { Saved } from '../../../src/watch/changes.ts'
import { type WatchOptions, watchTree } from '../../../src/watch/watch-tree.ts'

/** A watched folder with old files, and the changes that the watch reports. */
export async function startWatch(
  files: Record<string, string>,
  { prepare, ...more }: Partial<WatchOptions> & { readonly prepare?: (root: string) => void } = {},
) {
  const root = mkdtempSync(join(tmpdir(), 'devk-watch-'))
  const done = new AbortController()
  onTestFinished(() => {
    done.abort()
    rmSync(root, { recursive: true, force: true })
    // 10,000 files take a while on a busy disk.
  }, 60_000)
  for (const [path, text] of Object.entries(files)) put(root, path, text)
  prepare?.(root)
  await sleep(60)
  const batches: string[][] = []
  const saved: Saved[] = []
  const waiting: (() => void)[] = []
  await watchTree({
    ignored: (path) => path.includes('node_modules'),
    onBatch(changes, same, { seen, settled }) {
      expect(settled).toBeGreaterThanOrEqual(seen)
      saved.push(...same)
      batches.push(changes.map(({ kind, path }) => `${kind} ${path.slice(root.length + 1)}`))
      for (const wake of waiting.splice(0)) wake()
    },
    onWarning: (warning) => expect.fail(warning.message),
    now: Date.now,
    signal: done.signal,
    ...more,
    roots: (more.roots ?? ['']).map((path) => resolve(root, path)),
    follow: (more.follow ?? []).map((path) => resolve(root, path)),
  })
  await sleep(60)
  const seen = () => batches.flat()
  /** Makes one last change that is certainly reported, so that all earlier changes have been reported by then. */
  const upTo = async (last: string): Promise<string[]> => {
    put(root, last, String(Math.random()))
    while (!seen().includes(`changed ${last}`)) await new Promise<void>((resolve) => waiting.push(resolve))
    return seen().filter((line) => line !== `changed ${last}`)
  }
  return { root, batches, saved, upTo }
}

/** Writes a file, and the folders above it. */
export function put(root: string, path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), text)
}
