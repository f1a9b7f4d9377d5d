import { setTimeout as sleep } from 'node:timers/promises'

/** Asks until there is a value; throws with the last error when the seconds are over. */
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
