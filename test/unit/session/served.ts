import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { readSession } from '../../../src/session/follow.ts'
import { serveSession } from '../../../src/session/serve.ts'
import { session } from '../../../src/session/session.ts'

/** What the sessions of these tests are about. */
export const facts = { project: 'todo', devk: '0.1.0', command: 'devk up', pid: 7, background: false, asked: '' }
const never = new AbortController().signal

/** A folder until the end of the test. */
export async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'devk-session-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

/** Serves a session until the end of the test, or until `stop`. */
export async function served(socket: string) {
  const of = session(facts, Date.now)
  const end = new AbortController()
  const done = serveSession(of, socket, end.signal)
  const stop = () => {
    end.abort()
    return done
  }
  onTestFinished(stop)
  await expect.poll(() => readSession(socket, never), { timeout: 20_000 }).toBeDefined()
  return { of, stop }
}
