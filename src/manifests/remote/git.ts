import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DevkError } from '../../errors.ts'
import type { Runner, RunResult } from '../../exec/runner.ts'
import { isFolder } from '../../lib/paths.ts'
import { unpack } from '../../lib/streams/untar.ts'
import type { LockedSource } from '../charts/lock.ts'
import type { PullDeps } from '../charts/pull.ts'
import { archivePath, digestOf } from '../charts/store.ts'
import { type RemoteSource, remoteText } from './source.ts'

/** Where the files of a fetched commit lie. Pure. */
export function treePath(folder: string, digest: string): string {
  return archivePath(folder, digest, '.tree')
}

/**
 * Fetches one commit of a Git repository with the user's git, and so with the user's credentials, proxies and
 * certificates. Without `commit` it takes the one that `ref` names now. `accept` throws for content that must not be
 * stored. Nothing of the repository runs: there are no hooks, filters or submodules. Throws TOOL_MISSING, and
 * CHART_MISSING with the output of git.
 */
export async function fetchCommit(
  source: RemoteSource,
  commit: string | undefined,
  accept: (found: LockedSource) => void,
  deps: PullDeps,
): Promise<LockedSource> {
  await mkdir(deps.charts, { recursive: true, mode: 0o700 })
  const work = await mkdtemp(join(deps.charts, 'git-'))
  const repository = join(work, 'repository')
  const git = gitIn(repository, source, deps)
  try {
    await git(['init', '--quiet', '--bare', '--template=', '.'], isolated)
    const found = await fetchedCommit(git, source, commit)
    const tar = join(work, 'tree.tar')
    await git(['-c', 'tar.umask=0022', 'archive', '--format=tar', `--output=${tar}`, found], isolated)
    const digest = digestOf(await readFile(tar))
    const locked = { source, commit: found, digest }
    accept(locked)
    const place = treePath(deps.charts, digest)
    if (await isFolder(place)) return locked
    const tree = join(work, 'tree')
    await unpack(tar, tree)
    await rename(tree, place)
    return locked
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

type Git = (args: readonly string[], env?: Env, mayFail?: boolean) => Promise<RunResult>
type Env = Readonly<Record<string, string | undefined>>

/** Without the user's settings: filters and line ends would change the files. */
const isolated: Env = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }

/** The commit in the repository: the locked one, also if the branch or tag has moved on. */
async function fetchedCommit(git: Git, { address, ref = 'HEAD' }: RemoteSource, commit: string | undefined) {
  const fetch = (what: string, mayFail = false) =>
    git(['fetch', '--quiet', '--depth=1', '--no-tags', '--no-recurse-submodules', address, what], {}, mayFail)
  // Some servers hand out only what a branch or a tag names.
  if (commit === undefined || (await fetch(commit, true)).exitCode !== 0) await fetch(ref)
  const { stdout } = await git(['rev-parse', '--verify', 'FETCH_HEAD^{commit}'], isolated)
  return stdout.trim()
}

function gitIn(folder: string, source: RemoteSource, { runner, signal }: Pick<PullDeps, 'runner' | 'signal'>): Git {
  // The user's settings may lead https: to SSH. Nothing else that git offers is needed; `ext::` runs programs.
  const protocols = source.address.startsWith('https:') ? 'https:ssh' : 'http'
  const common = {
    ...{ GIT_DIR: undefined, GIT_WORK_TREE: undefined, GIT_INDEX_FILE: undefined, GIT_OBJECT_DIRECTORY: undefined },
    ...{ GIT_TERMINAL_PROMPT: '0', GIT_ALLOW_PROTOCOL: protocols, LC_ALL: 'C' },
  }
  return async (args, env = {}, mayFail = false) => {
    if (args[0] === 'init') await mkdir(folder)
    const result = await run(runner, args, { cwd: folder, env: { ...common, ...env }, signal })
    if (result.exitCode !== 0 && !mayFail) throw failure(source, result)
    return result
  }
}

function run(runner: Runner, args: readonly string[], options: Parameters<Runner['run']>[2]): Promise<RunResult> {
  return runner.run('git', ['-c', 'core.hooksPath=/dev/null', '-c', 'gc.auto=0', ...args], options)
}

function failure(source: RemoteSource, { exitCode, stderr }: RunResult): DevkError {
  const what = remoteText(source)
  if (exitCode === 127) {
    return new DevkError('TOOL_MISSING', `git is not installed, but fetching ${what} needs it`, {
      hint: 'Install git 2.31 or newer.',
    })
  }
  return new DevkError('CHART_MISSING', `git could not fetch ${what}`, {
    details: stderr.split('\n').filter((line) => line !== ''),
    hint: 'Check URL, ref and connection. Credentials: git credential approve, or a credential helper.',
  })
}
