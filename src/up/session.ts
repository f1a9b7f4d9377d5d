import type { CliContext } from '../context.ts'
import { type Session, type SessionFacts, session } from '../session/session.ts'
import { sessionSocket } from '../session/socket.ts'

/** The session of an `up` or `dev`, which others can look at while it stays. */
export interface ServedSession {
  readonly session: Session
  /** Brings the stack up, and notes how that ends. */
  bringing<T>(bring: () => Promise<T>, signal: AbortSignal): Promise<T>
  /** Ends the serving. Never rejects. */
  end(): Promise<void>
}

/**
 * Begins a session, and serves it in the background if devk stays. A socket that cannot be made is no reason to fail:
 * with --verbose devk says why. The caller holds the lock of the project.
 */
export function servedSession(
  ctx: CliContext,
  { stays, ...facts }: Omit<SessionFacts, 'devk' | 'pid'> & { readonly stays: boolean },
): ServedSession {
  const own = session({ ...facts, devk: ctx.version, pid: process.pid }, ctx.clock)
  const stop = new AbortController()
  const serve = async () => {
    const { serveSession } = await import('../session/serve.ts')
    await serveSession(own, sessionSocket(ctx.paths.project(facts.project).folder), stop.signal)
  }
  const done = (stays ? serve() : Promise.resolve()).catch((error: unknown) => {
    if (ctx.verbose) ctx.stderr.write(`devk ui cannot look into this devk: ${String(error)}\n`)
  })
  return {
    session: own,
    async bringing(bring, signal) {
      own.phase('starting')
      try {
        const value = await bring()
        own.phase('up')
        return value
      } catch (error) {
        if (!signal.aborted) own.phase('failed', error)
        throw error
      }
    },
    end() {
      stop.abort()
      return done
    },
  }
}
