import { createHash, randomUUID } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LoadedConfig } from '../config/schema.ts'
import type { CliContext } from '../context.ts'
import { DevkError } from '../errors.ts'
import { startInBackground } from '../exec/background.ts'
import { boundedLog } from '../exec/bounded-log.ts'
import { backgroundMark } from '../exec/environment.ts'
import { parseDuration } from '../lib/duration.ts'
import { duration } from '../lib/text.ts'
import { clearBackground } from '../session/background.ts'
import { endSession, sessionName } from '../session/end.ts'
import { readSession } from '../session/follow.ts'
import { sessionSocket } from '../session/socket.ts'
import type { SessionState } from '../session/state.ts'
import { type Progress, stepIfSlow } from '../terminal/progress.ts'
import { safeStream } from '../terminal/safe-text.ts'
import { lasting } from './live/settings.ts'
import type { BringUpOptions } from './options.ts'

/** The command of a devk in the background, for messages. */
export const keptCommand = 'devk up --keep'

/** A devk that goes on in the background. */
export interface Kept {
  readonly pid: number
  /** File with what it writes. */
  readonly log: string
}

type Asked = Pick<
  BringUpOptions,
  'services' | 'profile' | 'overlay' | 'timeout' | 'watch' | 'timing' | 'traceSaves' | 'fit'
>

const paceMs = 50
const shownLines = 20

/** A digest of what a devk that stays is asked for. What it takes up while it runs is no part of it. Pure. */
export function askedFor(version: string, config: LoadedConfig, options: Asked): string {
  const { services, profile, overlay, watch, timing, traceSaves } = options
  const started = lasting.map((key) => config[key] ?? null)
  const asked = [version, config.file, services, profile ?? null, overlay ?? null, watch, timing, traceSaves, started]
  return createHash('sha256').update(JSON.stringify(asked)).digest('hex')
}

/**
 * The devk in the background that does what is asked for; undefined if none does. One that was asked for something
 * else, or whose stack is not up, is ended. Throws NOT_READY if that is not possible.
 */
export async function alreadyKept(
  ctx: CliContext,
  project: string,
  asked: string,
): Promise<(SessionState & Kept) | undefined> {
  const { folder, background } = ctx.paths.project(project)
  const socket = sessionSocket(folder)
  const state = await readSession(socket, ctx.signal)
  // One with a terminal holds the lock: the message about that says what to do.
  if (!state?.background) return undefined
  if (state.asked === asked && state.phase === 'up' && state.serves) return { ...state, log: background.log }
  if (!ctx.json) ctx.stderr.write(`${sessionName(state)} runs in the background, and ends: a new one takes over.\n`)
  if (await endSession({ socket, state }, 'stop', ctx.signal)) return undefined
  throw new DevkError('NOT_READY', `${sessionName(state)} brings the stack up, and cannot be replaced yet`, {
    hint: 'Wait until devk status shows the stack as ready.',
  })
}

/**
 * Leaves a devk in the background that stays with a stack which is up. Resolves when it serves. Throws COMMAND_FAILED,
 * with the end of its log, if it ends before, and NOT_READY if that takes too long; then nothing of it is left.
 */
export async function startKept(ctx: CliContext, { config, options, progress, program }: KeptInput): Promise<Kept> {
  const paths = ctx.paths.project(config.name)
  const { log } = paths.background
  const id = randomUUID()
  const child = startInBackground({
    args: keptArguments(ctx, options, id),
    cwd: ctx.cwd,
    env: { ...ctx.env, [backgroundMark]: id },
    log,
    program,
  })
  const timeoutMs = options.timeout ?? parseDuration(config.timeout) ?? 600_000
  const deadline = performance.now() + timeoutMs
  const failed = async (code: 'COMMAND_FAILED' | 'NOT_READY', how: string) => {
    const lines = (await readFile(log, 'utf8').catch(() => '')).trimEnd().split('\n')
    return new DevkError(code, `The devk in the background ${how}`, {
      details: lines.slice(-shownLines),
      hint: 'The stack is up. devk dev stays with it in this terminal.',
    })
  }
  const serves = async () => {
    for (;;) {
      ctx.signal.throwIfAborted()
      const how = child.ended()
      if (how !== undefined) throw await failed('COMMAND_FAILED', how)
      const state = await readSession(sessionSocket(paths.folder), ctx.signal)
      if (state?.pid === child.pid && state?.serves) return
      if (state?.pid === child.pid && state?.phase === 'failed') {
        throw await failed('NOT_READY', `has not brought the stack up: ${state.failure?.text}`)
      }
      if (performance.now() > deadline) throw await failed('NOT_READY', `does not serve after ${duration(timeoutMs)}`)
      await sleep(paceMs, undefined, { signal: ctx.signal })
    }
  }
  try {
    await stepIfSlow(progress, 'Background', 'forwards and watches', serves)
  } catch (error) {
    await child.end()
    await clearBackground(paths, ctx.runner)
    // One that ended early has not noted itself, and one that ended in order has removed it.
    await rm(log, { force: true })
    throw error
  }
  child.release()
  return { pid: child.pid ?? 0, log }
}

/** What a devk in the background stays with. */
interface KeptInput {
  readonly config: Pick<LoadedConfig, 'name' | 'timeout'>
  readonly options: Asked
  readonly progress: Pick<Progress, 'step'>
  /** What Node runs; by default this devk. */
  readonly program?: readonly string[]
}

/** The arguments of the devk in the background. Whom to ask was asked before. Pure. */
export function keptArguments(
  { configFile, project, verbose, yes, allowContext, allowProduction }: KeptContext,
  { services, profile, overlay, timeout, watch, timing, traceSaves, fit }: Asked,
  id: string,
): string[] {
  const option = (name: string, value: string | undefined) => (value === undefined ? [] : [name, value])
  const flag = (name: string, is: boolean) => (is ? [name] : [])
  return [
    'up',
    ...services,
    ...['--background', id, '--no-color'],
    ...flag('--no-watch', !watch),
    ...flag('--timing', timing),
    ...flag('--trace-saves', traceSaves),
    ...flag('--no-fit', !fit),
    ...flag('--verbose', verbose),
    ...flag('--yes', yes),
    ...option('--profile', profile),
    ...option('--overlay', overlay),
    ...option('--timeout', timeout === undefined ? undefined : `${Math.ceil(timeout / 1000)}s`),
    ...option('--config', configFile),
    ...option('--project', project),
    ...option('--allow-context', allowContext),
    ...option('--allow-production', allowProduction),
  ]
}

type KeptContext = Pick<CliContext, 'configFile' | 'project' | 'verbose' | 'yes' | 'allowContext' | 'allowProduction'>

/** The context of the devk in the background: it writes to its log, of which it keeps the newest part. */
export function withLog(ctx: CliContext, log: string): CliContext {
  const stream = safeStream(boundedLog(log))
  return { ...ctx, stdout: stream, stderr: stream, screen: stream }
}
