import type { Writable } from 'node:stream'
import { drained } from '../lib/wait.ts'

/**
 * Writes text, and waits while the stream is full. Does nothing if the reader has closed the stream, as in `devk logs |
 * head`.
 */
export async function writeText(stream: Writable, text: string): Promise<void> {
  if (stream.destroyed || stream.errored) return
  if (!stream.write(text)) await drained(stream)
}

/** Writes a value as indented JSON, followed by a line break. */
export function writeJson(stream: Writable, value: unknown): Promise<void> {
  return writeText(stream, `${JSON.stringify(value, null, 2)}\n`)
}
