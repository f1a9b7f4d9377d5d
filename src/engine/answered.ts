/** The engine has accepted a connection, and answers nothing, not even a ping. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
}

/** When an engine counts as one that does not answer. */
export interface Patience {
  /** How long a call may take before the engine is asked whether it answers at all: to pull an image takes minutes. */
  readonly quietMs: number
  /** How long the answer to that may take. */
  readonly pingMs: number
}

/**
 * The result of a call to the engine. Rejects with NoAnswer when the engine does not answer any more, and with the
 * error of `ping` when it can no longer be reached. The call itself goes on.
 */
export async function answered<T>(
  call: Promise<T>,
  ping: (signal: AbortSignal) => Promise<unknown>,
  { quietMs, pingMs }: Patience,
): Promise<T> {
  const lost = Promise.withResolvers<never>()
  let timer: NodeJS.Timeout | undefined
  let isOver = false
  const watch = () => {
    // The call has ended while a ping was under way.
    if (isOver) return
    timer = setTimeout(() => {
      const deadline = AbortSignal.timeout(pingMs)
      ping(deadline).then(watch, (error: unknown) => {
        lost.reject(deadline.aborted ? new NoAnswer(`no answer for ${(quietMs + pingMs) / 1000} s`) : error)
      })
    }, quietMs)
  }
  watch()
  try {
    return await Promise.race([call, lost.promise])
  } finally {
    isOver = true
    clearTimeout(timer)
    // A ping may still be under way.
    lost.promise.catch(() => {})
  }
}
