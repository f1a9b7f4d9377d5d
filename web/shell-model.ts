import type { TerminalEnd } from '../src/commands/ui/api.ts'

/** The most bytes of one message: half of what devk takes. */
const longestMessage = 32 * 1024

/** Input in pieces that devk takes. Pure. */
export function piecesOfInput(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  const count = Math.ceil(bytes.length / longestMessage)
  return Array.from({ length: count }, (_, index) =>
    bytes.subarray(index * longestMessage, (index + 1) * longestMessage),
  )
}

/** How a shell ended, in words. undefined: the connection broke without a word. Pure. */
export function endText(end: TerminalEnd | undefined): { readonly text: string; readonly hint: string | null } {
  if (end === undefined) return { text: 'The connection to devk ended, and the shell with it.', hint: null }
  if ('failure' in end) return { text: end.failure, hint: end.hint }
  return { text: `The shell ended with exit code ${end.exitCode}.`, hint: null }
}
