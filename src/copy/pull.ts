import { lstat } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { DevkError } from '../errors.ts'
import type { PodStreams } from '../kube/api.ts'
import { ignorePatterns } from '../lib/ignore/patterns.ts'
import { discard } from '../lib/streams/discard.ts'
import type { SyncTarget } from '../sync/syncer.ts'
import { receive } from './receive.ts'

/** The files of a sync rule that come back from the container. */
export interface PullRule {
  /** A folder of this machine. */
  readonly from: string
  /** The same folder in the container. */
  readonly to: string
  /** The beginning of each pattern that has no wildcard: where to look in the container. */
  readonly starts: readonly string[]
  /** Whether a path, relative to the folder, comes back. */
  includes(path: string): boolean
}

/** What a look saw of a file. */
export interface Seen {
  /** Its time and size in the container, for which there is nothing more to do. */
  readonly done?: string
  /** The same, and its time here, when it was found to be newer there. */
  readonly newer?: string
}

/** A container, and what devk has seen there. */
export interface PullDeps {
  readonly streams: Pick<PodStreams, 'exec'>
  readonly target: SyncTarget
  /** What the last looks saw, by the path in the container. */
  readonly seen: Map<string, Seen>
  /** Called before a file of this machine is replaced. */
  readonly onWrite: (path: string, mtimeMs: number) => void
}

/** Longer lists of files are cut. */
const mostListed = 1024 * 1024

/** For each argument behind the first: the files at or below it, with time, size and path. Links are not followed. */
const listing =
  'cd -- "$1" && shift && for p do if [ -e "$p" ]; then find "$p" -type f -exec stat -c "%Y %s %n" {} +; fi; done'

/** The rule for some patterns. The configuration has refused those that do not begin with a name. Pure. */
export function pullRule(from: string, to: string, patterns: readonly string[], excluded: readonly string[]): PullRule {
  const [included, left] = [ignorePatterns(patterns.join('\n')), ignorePatterns(excluded.join('\n'))]
  const matches = (rules: typeof included, path: string) => !('mistake' in rules) && rules.ignores(path)
  return {
    from,
    to,
    starts: [...new Set(patterns.map(startOf))],
    includes: (path) => matches(included, path) && !matches(left, path),
  }
}

/** `src/generated` of `src/generated/**`, `package-lock.json` of itself. */
function startOf(pattern: string): string {
  const parts = posix.normalize(pattern).split('/')
  const wild = parts.findIndex((part) => /[*?[\\]/.test(part))
  return `./${(wild < 0 ? parts : parts.slice(0, wild)).filter((part) => part !== '').join('/')}`
}

/**
 * Brings back the files that are newer in the container than here at two looks, and differ. Returns their paths,
 * relative to the folder. What the container sends is not trusted: only files that the rule includes are taken, and
 * nothing is written outside of the folder or over links. Throws COPY_FAILED if the container has no `sh`, `find`,
 * `stat` or `tar`.
 */
export async function pull(rule: PullRule, deps: PullDeps, signal: AbortSignal): Promise<string[]> {
  const { seen } = deps
  const wanted = new Map<string, string>()
  for (const [path, found] of await list(rule, deps, signal)) {
    const at = join(rule.to, path)
    const before = seen.get(at)
    if (before?.done === found.key) continue
    const here = await lstat(join(rule.from, path)).catch(() => undefined)
    const newer = `${found.key} ${here?.mtimeMs}`
    // The times of containers are whole seconds.
    if (here !== undefined && Math.floor(here.mtimeMs / 1000) >= found.seconds) seen.set(at, { done: found.key })
    // Only at the second look: the save before one that is on its way may just have arrived.
    else if (before?.newer === newer) wanted.set(path, found.key)
    else seen.set(at, { newer })
  }
  if (wanted.size === 0) return []
  const base = posix.basename(rule.to)
  const archive = new PassThrough()
  const names = [...wanted.keys()].map((path) => `./${base}/${path}`)
  const argv = ['tar', '-c', '-f', '-', '-C', posix.dirname(rule.to), '--', ...names]
  const changed: string[] = []
  const packing = run(deps, argv, archive, signal).finally(() => archive.end())
  const receiving = receive(archive, base, rule.from, {
    accepts: (path) => wanted.has(path),
    onWrite(path, mtimeMs) {
      changed.push(path.slice(rule.from.length + 1))
      deps.onWrite(path, mtimeMs)
    },
  })
  const [received, packed] = await Promise.allSettled([receiving, packing])
  signal.throwIfAborted()
  // A file that is gone by now is no failure: the next look decides anew.
  if (packed.status === 'rejected') throw packed.reason
  if (received.status === 'rejected') throw received.reason
  for (const [path, done] of wanted) seen.set(join(rule.to, path), { done })
  return changed
}

interface Listed {
  readonly key: string
  readonly seconds: number
}

async function list(rule: PullRule, deps: PullDeps, signal: AbortSignal): Promise<Map<string, Listed>> {
  let text = ''
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (text.length < mostListed) text += chunk.toString('utf8')
      done()
    },
  })
  const argv = ['sh', '-c', listing, 'sh', rule.to, ...rule.starts]
  const exitCode = await run(deps, argv, stdout, signal)
  if (exitCode === 126 || exitCode === 127) {
    throw new DevkError('COPY_FAILED', `The container ${deps.target.container} has no sh, find, stat or tar`, {
      hint: 'devk needs them to bring files back (`pull` of a sync rule).',
    })
  }
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
  return new Map(
    lines.flatMap((line): [string, Listed][] => {
      const [, seconds = '', size = '', path = ''] = /^(\d+) (\d+) \.\/(.+)$/.exec(line) ?? []
      // Nothing of a container may become a hook of Git.
      const isBelow = path !== '' && !path.split('/').some((part) => part === '..' || part.toLowerCase() === '.git')
      return isBelow && rule.includes(path) ? [[path, { key: `${seconds} ${size}`, seconds: Number(seconds) }]] : []
    }),
  )
}

/** Runs a command in the container. Its error output is dropped. */
function run(
  { streams, target: { pod, container } }: PullDeps,
  argv: readonly string[],
  stdout: Writable,
  signal: AbortSignal,
): Promise<number> {
  return streams.exec(pod, argv, { container, stdout, stderr: discard(), tty: false, signal })
}
