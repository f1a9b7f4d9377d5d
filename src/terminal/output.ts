import { once } from 'node:events'
import type { Writable } from 'node:stream'

/** Writes with back-pressure. A reader that went away (`devk logs | head`) is the end, not an error. */
export async function write(stream: Writable, text: string): Promise<void> {
  if (stream.destroyed || stream.errored) return
  if (!stream.write(text)) await Promise.race([once(stream, 'drain'), once(stream, 'close')]).catch(() => {})
}

export function writeJson(stream: Writable, value: unknown): Promise<void> {
  return write(stream, `${JSON.stringify(value, null, 2)}\n`)
}
