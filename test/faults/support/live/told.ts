import { DevkError } from '../../../../src/errors.ts'
import type { SessionEvent } from '../../../../src/loop/events.ts'

/** What a session told, to be shown when a run fails. */
export interface Told {
  add(event: SessionEvent): void
  /** The last events, each with its time since the start (ms). */
  toString(): string
}

const shown = 40

/** Keeps the events of one session. */
export function told(): Told {
  const began = performance.now()
  const lines: string[] = []
  return {
    add(event) {
      const more = 'files' in event ? event.files.join(' ') : 'error' in event ? textOf(event.error) : ''
      lines.push(`${Math.round(performance.now() - began)} ${event.type} ${more.slice(0, 5000)}`)
    },
    toString: () => lines.slice(-shown).join('\n'),
  }
}

/** Adds to an error what devk told before it, and what the cluster was like. */
export async function explained<T>(events: Told, state: () => Promise<string>, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    const { message, cause } = error as Error
    const reason = cause instanceof Error ? `: ${cause.message}` : ''
    throw new Error(`${message}${reason}\ndevk told:\n${events}\n${await state()}`, { cause: error })
  }
}

function textOf(error: unknown): string {
  return error instanceof DevkError ? [error.message, ...error.details].join('; ') : String(error)
}
