import { setTimeout as sleep } from 'node:timers/promises'
import type { OnStackEvent } from '../stack/events.ts'

export interface ConvergeHooks {
  /** Work on one image began; the result is told when it ends. */
  image<T>(owner: string, run: (onLine: (line: string) => void) => Promise<T>, note: (value: T) => string): Promise<T>
  readonly onEvent: OnStackEvent
}

/** What became of one preset. */
export interface PresetOutcome {
  readonly name: string
  readonly version: string
  readonly state: 'ready' | 'failed' | 'unavailable'
  readonly reason: string | null
  /** How to get what is unavailable. */
  readonly get: string | null
  /** Objects that were written. */
  readonly changes: number
}

/** Shows what presets do. */
export interface PresetHooks {
  say(preset: string, line: string): void
  done(outcome: PresetOutcome): void
}

/** What `up` shows while it works. */
export interface Progress {
  /** One line that ends in a note and the time it took; `say` shows what it does now. */
  step<T>(title: string, run: (say: (line: string) => void) => Promise<{ value: T; note: string }>): Promise<T>
  /** Around the convergence: its images and objects are shown through `hooks`, the presets beside it through `presets`. */
  stack<T>(run: () => Promise<T>, presets: readonly string[]): Promise<T>
  readonly presets: PresetHooks
  readonly hooks: ConvergeHooks
}

/** A step that is shown only when it takes more than a second: of what is there already, as a rule, nothing needs to be told. */
export async function stepIfSlow(
  progress: Pick<Progress, 'step'>,
  title: string,
  note: string,
  run: (say: (line: string) => void) => Promise<void>,
): Promise<void> {
  let tell = (_line: string) => {}
  const done = run((line) => tell(line))
  const isQuick = await Promise.race([done.then(() => true), sleep(1000, false, { ref: false })])
  if (isQuick) return
  await progress.step(title, async (say) => {
    tell = say
    return { value: await done, note }
  })
}
