import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, onTestFinished } from 'vitest'
import type { CliContext } from '../../../src/context.ts'
import { readSession } from '../../../src/session/follow.ts'
import { serveSession } from '../../../src/session/serve.ts'
import { session } from '../../../src/session/session.ts'
import { sessionSocket } from '../../../src/session/socket.ts'
import { statePaths } from '../../../src/state/paths.ts'
import { writeProject } from '../../../src/state/projects.ts'

const never = new AbortController().signal

/** A stack, what commands write, and a `devk dev` that serves its session from `serve` on. */
export async function servedStack() {
  const home = await mkdtemp(join(tmpdir(), 'devk-loop-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  const paths = statePaths({ HOME: home })
  const cluster = { provider: 'kind', name: 'todo', context: 'kind-todo', uid: undefined } as const
  const own = { services: [], externals: [], presets: [], forwards: [], profile: undefined, namespace: 'default' }
  await writeProject(paths, { name: 'todo', root: home, configFile: join(home, 'platform.config.ts'), cluster, ...own })
  const stderr = new PassThrough()
  const ctx = { paths, cwd: home, project: undefined, stderr, signal: never } as unknown as CliContext
  const serve = async () => {
    const of = session(
      { project: 'todo', devk: '0.1.0', command: 'devk dev', pid: 7, background: false, asked: '' },
      Date.now,
    )
    const stop = new AbortController()
    const socket = sessionSocket(paths.project('todo').folder)
    const done = serveSession(of, socket, stop.signal)
    const end = () => {
      stop.abort()
      return done
    }
    onTestFinished(end)
    await expect.poll(() => readSession(socket, never), { timeout: 20_000 }).toBeDefined()
    return { of, end }
  }
  return { ctx, serve, said: () => String(stderr.read() ?? '') }
}
