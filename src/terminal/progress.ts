import { setTimeout as sleep } from 'node:timers/promises'
import type { OnStackEvent } from '../stack/events.ts'

/** What a convergence reports while it runs. */
export interface ConvergeHooks {
  /** Runs the work on one image and shows it: `onLine` for its output, `note` for its result. Returns the result. */
  image<T>(owner: string, run: (onLine: (line: string) => void) => Promise<T>, note: (value: T) => string): Promise<T>
  readonly onEvent: OnStackEvent
}

/** The result of installing one preset. */
export interface PresetOutcome {
  readonly name: string
  readonly version: string
  readonly state: 'ready' | 'failed' | 'unavailable'
  readonly reason: string | null
  /** How the user can get an unavailable preset. */
  readonly get: string | null
  /** Number of objects that were created, changed or deleted. */
  readonly changes: number
}

/** Shows the installation of presets. */
export interface PresetHooks {
  say(preset: string, line: string): void
  done(outcome: PresetOutcome): void
}

/** What a command shows while it works. */
export interface Progress {
  /**
   * Runs one step. `say` shows what it is doing; the line ends with the note and the time that it took. Returns the
   * value.
   */
  step<T>(title: string, run: (say: (line: string) => void) => Promise<{ value: T; note: string }>): Promise<T>
  /**
   * Shows a convergence until it ends or `handOver` resolves; what it reports later is printed as plain lines. `hooks`
   * show its images and objects, `presets` the presets that are installed at the same time. Rejects as `work` does.
   */
  stack(work: Promise<unknown>, presets: readonly string[], handOver: Promise<unknown>): Promise<void>
  readonly presets: PresetHooks
  readonly hooks: ConvergeHooks
}

/**
 * Runs a step and shows it only if it takes longer than a second: usually everything exists, and there is nothing to
 * report.
 */
export async function stepIfSlow(
  progress: Pick<Progress, 'step'>,
  title: string,
  note: string,
  run: (say: (line: string) => void) => Promise<void>,
): Promise<void> {
  let show = (_line: string) => {}
  const done = run((line) => show(line))
  const isQuick = await Promise.race([done.then(() => true), sleep(1000, false, { ref: false })])
  if (isQuick) return
  await progress.step(title, async (say) => {
    show = say
    return { value: await done, note }
  })
}
