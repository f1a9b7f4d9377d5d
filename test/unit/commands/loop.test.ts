import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { runPause, runResume, runTrigger } from '../../../src/commands/loop.ts'
import type { CliContext } from '../../../src/context.ts'
import { readSession } from '../../../src/session/follow.ts'
import { serveSession } from '../../../src/session/serve.ts'
import { session } from '../../../src/session/session.ts'
import { sessionSocket } from '../../../src/session/socket.ts'
import { statePaths } from '../../../src/state/paths.ts'
import { writeProject } from '../../../src/state/projects.ts'

const never = new AbortController().signal

/** A stack, and what the commands write. */
async function stack() {
  const home = await mkdtemp(join(tmpdir(), 'devk-loop-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  const paths = statePaths({ HOME: home })
  const cluster = { provider: 'kind', name: 'todo', context: 'kind-todo', uid: undefined } as const
  const own = { services: [], externals: [], presets: [], forwards: [], profile: undefined, namespace: 'default' }
  await writeProject(paths, { name: 'todo', root: home, configFile: join(home, 'platform.config.ts'), cluster, ...own })
  const stderr = new PassThrough()
  const ctx = { paths, cwd: home, project: undefined, stderr, signal: never } as unknown as CliContext
  const serve = async () => {
    const of = session({ project: 'todo', devk: '0.1.0', command: 'devk dev', pid: 7 }, Date.now)
    const end = new AbortController()
    const socket = sessionSocket(paths.project('todo').folder)
    const done = serveSession(of, socket, end.signal)
    onTestFinished(() => {
      end.abort()
      return done
    })
    await expect.poll(() => readSession(socket, never), { timeout: 20_000 }).toBeDefined()
    return of
  }
  return { ctx, serve, said: () => String(stderr.read() ?? '') }
}

test('without a devk that watches, the commands say what to run', async () => {
  const { ctx, serve } = await stack()
  const none = { code: 'NOT_READY', message: 'No devk watches this stack' }
  await expect(runTrigger(ctx, ['api'], {})).rejects.toMatchObject(none)
  await expect(runPause(ctx, [], {})).rejects.toMatchObject(none)
  const of = await serve()
  const yet = { code: 'NOT_READY', message: 'devk dev watches nothing yet' }
  await expect(runPause(ctx, [], {})).rejects.toMatchObject(yet)
  await expect(runResume(ctx, [], {})).rejects.toMatchObject(yet)
  of.event({ type: 'watching', services: ['web'] }, '')
  await expect(runTrigger(ctx, ['api'], {})).rejects.toMatchObject({
    code: 'USAGE',
    message: 'devk dev does not watch api',
    hint: 'It watches web.',
  })
})

test('they reach the devk that watches, and say what it does', async () => {
  const { ctx, serve, said } = await stack()
  const of = await serve()
  const asked: string[] = []
  of.onControl({
    rebuild: () => false,
    trigger: (service) => (asked.push(service) > 1 ? 'nothing' : 'sent'),
    pause: () => void asked.push('pause'),
    resume: () => void asked.push('resume'),
    isPaused: () => false,
  })
  expect(await runTrigger(ctx, ['api'], {})).toBe(0)
  expect(await runTrigger(ctx, ['web'], {})).toBe(0)
  expect(said()).toBe('devk dev sends api\nNothing of web waits\n')
  expect(await runPause(ctx, [], {})).toBe(0)
  of.event({ type: 'held', service: 'api', paused: true, again: false, waiting: [{ service: 'api', files: 2 }] }, '')
  expect(await runResume(ctx, [], {})).toBe(0)
  expect(said()).toBe('devk dev is paused: saves wait until devk resume\ndevk dev goes on: 2 files waited\n')
  expect(asked).toEqual(['api', 'web', 'pause', 'resume'])
})
