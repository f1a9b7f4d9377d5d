import { createInterface } from 'node:readline/promises'
import type { CliContext } from '../context.ts'
import { DevkError } from '../errors.ts'

/**
 * The line that the user types after a prompt. Throws INTERRUPTED for Ctrl-C, which the terminal reports as a key and
 * not as a signal, and if the input ends; the signal's reason if the user interrupts devk otherwise.
 */
export async function typed({ stdin, screen, signal }: CliContext, prompt: string): Promise<string> {
  const terminal = createInterface({ input: stdin, output: screen })
  const ended = new Promise<never>((_resolve, reject) => {
    terminal.once('close', () => reject(new DevkError('INTERRUPTED', 'Interrupted')))
  })
  try {
    return (await Promise.race([terminal.question(prompt, { signal }), ended])).trim()
  } catch (error) {
    screen.write('\n')
    if (signal.aborted) throw signal.reason
    throw (error as Error).name === 'AbortError' ? new DevkError('INTERRUPTED', 'Interrupted', { cause: error }) : error
  } finally {
    ended.catch(() => {})
    terminal.close()
  }
}
