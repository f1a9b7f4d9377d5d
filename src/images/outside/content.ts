import { createHash } from 'node:crypto'
import { type HashOptions, hashOf, type Listed, listed, part } from '../build/digests.ts'
import type { Reading } from '../build/unchanged.ts'
import { type OutsideSources, outsideIgnore } from './sources.ts'

/** An image that a command makes, which devk knows nothing of but its sources. */
export interface OutsideBuild extends OutsideSources {
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** The sources of an outside build, and the name that they have. */
export interface OutsideContent extends Reading {
  /** 16 hex digits. */
  readonly hash: string
}

/** Reads the sources of an outside build. Throws BUILD_FAILED when the context is not a folder. */
export async function outsideContent(build: OutsideBuild, options: HashOptions): Promise<OutsideContent> {
  const rules = await outsideIgnore(build)
  const read = () => listed({ context: build.context, dockerfile: '' }, options, rules)
  const found = await read()
  options.onListed?.(found.entries)
  const hash = createHash('sha256')
  part(hash, 'command', ...build.command)
  for (const [name, value] of Object.entries(build.env).sort()) part(hash, 'env', name, value)
  part(hash, 'files', hashOf(found))
  return {
    hash: hash.digest('hex').slice(0, 16),
    // Builders write files again that stay the same, such as go.sum: contents count here, and times do not.
    changed: async () => changedFile(found, await read()),
  }
}

/** A file that is another one now, or is there in one of both listings only; undefined if there is none. */
function changedFile(before: Listed, now: Listed): string | undefined {
  if (hashOf(before) === hashOf(now)) return undefined
  const paths = [...before.entries, ...now.entries].filter(({ kind }) => kind !== 'folder').map(({ path }) => path)
  const changed = paths.find((path) => before.digests.get(path) !== now.digests.get(path))
  return changed ?? paths[0]
}
