import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DevkError } from '../errors.ts'
import type { Runner } from '../exec/runner.ts'

const version = '1.8.22'
/** The wheel for every platform, which needs no C library of its own. */
const wheel = {
  file: `debugpy-${version}-py2.py3-none-any.whl`,
  sha256: 'a9e9d3550e15ca479c59333e90845029190531f0cacfedab3b815a57bd913947',
}
const platform = ['--platform', 'any', '--implementation', 'py', '--abi', 'none', '--python-version', '3.12']

/** What finds debugpy. */
export interface DebugpyDeps {
  readonly runner: Runner
  /** The folder of devk's caches. */
  readonly cache: string
}

/**
 * The wheel of debugpy, by the pip of this machine with its settings, or from the cache. Its SHA-256 is pinned. Throws
 * TOOL_MISSING without pip, and DEBUG_UNAVAILABLE with the output of pip.
 */
export async function debugpyWheel({ runner, cache }: DebugpyDeps, signal: AbortSignal): Promise<Buffer> {
  const path = join(cache, 'debugpy', wheel.file)
  const cached = await readFile(path).catch(() => undefined)
  if (cached !== undefined && digestOf(cached) === wheel.sha256) return cached
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const folder = await mkdtemp(join(dirname(path), 'new-'))
  try {
    await download(runner, folder, signal)
    const fetched = await readFile(join(folder, wheel.file))
    if (digestOf(fetched) !== wheel.sha256) {
      throw new DevkError('DEBUG_UNAVAILABLE', `${wheel.file} is not the file that devk knows`, {
        details: [`Its SHA-256 is ${digestOf(fetched)}, not ${wheel.sha256}.`],
        hint: 'The package index that pip uses has another file of this name.',
      })
    }
    await rename(join(folder, wheel.file), path)
    return fetched
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function download(runner: Runner, folder: string, signal: AbortSignal): Promise<void> {
  const what = ['download', `debugpy==${version}`, '--no-deps', '--only-binary=:all:', ...platform, '--dest', folder]
  const quiet = ['--disable-pip-version-check', '--no-input']
  for (const [command = '', ...args] of [['python3', '-m', 'pip'], ['pip3'], ['pip']]) {
    // Python would take modules from the folder of the project.
    const probe = await runner.run(command, [...args, '--version'], { cwd: folder, signal })
    if (probe.exitCode !== 0) continue
    const { exitCode, stderr } = await runner.run(command, [...args, ...what, ...quiet], { cwd: folder, signal })
    if (exitCode === 0) return
    throw new DevkError('DEBUG_UNAVAILABLE', `pip on this machine could not fetch debugpy ${version}`, {
      details: stderr.trim().split('\n').slice(-3),
      hint: 'Check the index and the proxy in the configuration of pip: pip config list',
    })
  }
  throw new DevkError('TOOL_MISSING', 'pip is not installed on this machine; devk fetches debugpy with it', {
    hint: `Install pip, or put ${wheel.file} into ${dirname(folder)}.`,
  })
}

const digestOf = (data: Buffer) => createHash('sha256').update(data).digest('hex')
