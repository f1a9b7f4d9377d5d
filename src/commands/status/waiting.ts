import { existsSync } from 'node:fs'
import { count } from '../../lib/text.ts'
import type { SessionState } from '../../session/state.ts'
import type { SessionEntry } from './report.ts'

/** How long a devk may take to tell its state. One that is stopped tells nothing. */
const patienceMs = 1000

/** What a running devk knows and the cluster does not. */
export interface HeldBack {
  readonly session: SessionEntry | null
  /** What it holds back. */
  readonly warnings: readonly string[]
  readonly locals: SessionState['locals']
}

/** What the devk on a socket tells. Nothing if no devk is there, or it does not answer in time. */
export async function waitingOn(socket: string, signal: AbortSignal, limitMs = patienceMs): Promise<HeldBack> {
  // Most often no devk is there, and then nothing more has to be loaded.
  if (!existsSync(socket)) return nothing
  const { readSession } = await import('../../session/follow.ts')
  const state = await readSession(socket, AbortSignal.any([signal, AbortSignal.timeout(limitMs)])).catch(
    () => undefined,
  )
  // An older devk has no such programs.
  if (state === undefined) return nothing
  const { command, pid, since, phase, background = false } = state
  const session = { command, pid, since, phase, background }
  return { session, warnings: waitingText(state), locals: state.locals ?? [] }
}

const nothing: HeldBack = { session: null, warnings: [], locals: [] }

/** What is held back in a state, as warnings. An older devk tells nothing about it. Pure. */
export function waitingText(state: Pick<SessionState, 'command'> & Partial<SessionState>): string[] {
  const { command, paused = false, waiting = [] } = state
  if (!paused) {
    return waiting.map(({ service, files }) => {
      const what = `${count(files, 'saved file')} of ${service ?? 'the manifests'}`
      const how = service === null ? '' : `. devk trigger ${service} sends ${files === 1 ? 'it' : 'them'}.`
      return `${what} ${files === 1 ? 'waits' : 'wait'}${how}`
    })
  }
  const files = waiting.reduce((sum, each) => sum + each.files, 0)
  const held = files === 0 ? '' : `, and ${count(files, 'saved file')} ${files === 1 ? 'waits' : 'wait'}`
  return [`${command} is paused${held}. devk resume ends the pause.`]
}
