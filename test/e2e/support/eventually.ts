import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Calls `read` again until it gives a value that is not undefined, and gives that value. An error of `read` counts as no value.
 * Throws when the seconds are over, with the last error as the cause. `what` names the awaited thing in that message.
 */
export async function eventually<T>(what: string, seconds: number, read: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + seconds * 1000
  let last: unknown
  while (Date.now() < end) {
    try {
      const value = await read()
      if (value !== undefined) return value
    } catch (error) {
      last = error
    }
    await sleep(20)
  }
  throw new Error(`${what} did not happen in ${seconds} s`, { cause: last })
}
