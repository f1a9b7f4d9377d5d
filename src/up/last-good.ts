import { DevkError } from '../errors.ts'
import type { Preparation, Sources } from './prepare.ts'

/** The sources of the last comparison that succeeded. A mistake in a manifest must not block the save of a service. */
export interface LastGood {
  /**
   * Compares the sources as they are now. If they have a mistake and `onMistake` is given, compares the last ones
   * without a mistake instead, and then calls `onMistake`. Throws what `run` throws with the sources as they are now.
   */
  prepare(
    run: (sources?: Sources) => Promise<Preparation>,
    onMistake?: (error: DevkError) => void,
  ): Promise<Preparation>
}

/** Remembers the sources, and nothing else of a comparison. */
export function lastGood(): LastGood {
  let last: Sources | undefined
  return {
    async prepare(run, onMistake) {
      try {
        const preparation = await run()
        last = preparation.sources
        return preparation
      } catch (error) {
        if (onMistake === undefined || last === undefined || !isMistake(error)) throw error
        const preparation = await run(last).catch(() => {
          throw error
        })
        onMistake(error)
        return preparation
      }
    },
  }
}

/** Whether the user has to change a file. The exit code of all such failures is 2. */
function isMistake(error: unknown): error is DevkError {
  return error instanceof DevkError && (error.exitCode === 2 || error.code === 'CHART_MISSING')
}
