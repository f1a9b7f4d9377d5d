import { describe, test } from 'vitest'
import { type Random, randomOf } from './random.ts'

/** One kind of fault: how often it is tried, and one try. */
export interface Row {
  /** Names the row on the command line: `npm run test:faults -- NAME`. It is the name of its test file. */
  readonly name: string
  /** Number of runs in `npm test`. */
  readonly short: number
  /** Number of runs with `--long`. */
  readonly long: number
  /** Whether several runs may take place at once. */
  readonly concurrent?: boolean
  /** Throws when devk did not hold. `id` is a short name for the run's own objects and folders. */
  run(random: Random, id: string): Promise<void>
}

/** What `scripts/faults.ts` asks for. The defaults are those of `npm test`, whose runs are the same each time. */
export const wanted = {
  seed: Number(process.env.DEVK_FAULTS_SEED ?? 14),
  runs: process.env.DEVK_FAULTS_RUNS === undefined ? undefined : Number(process.env.DEVK_FAULTS_RUNS),
  isLong: process.env.DEVK_FAULTS_LONG === '1',
}

/** How many runs of a row are asked for. */
export function runsOf({ short, long }: Pick<Row, 'short' | 'long'>): number {
  return wanted.runs ?? (wanted.isLong ? long : short)
}

/** The command that repeats what failed. */
export function replayOf(row: string, seed: number, runs = 1): string {
  return `npm run test:faults -- ${row} --seed ${seed} --runs ${runs}`
}

/** Makes one test for each run of a row. The seeds count up from the first one. */
export function campaign(row: Row): void {
  const seeds = Array.from({ length: runsOf(row) }, (_, index) => wanted.seed + index)
  describe(row.name, { concurrent: row.concurrent ?? false }, () => {
    test.each(seeds)('seed %i', async (seed) => {
      try {
        await row.run(randomOf(`${row.name} ${seed}`), `f${seed}`)
      } catch (error) {
        const { message, details = [] } = error as Error & { details?: readonly string[] }
        throw new Error(`${[message, ...details].join('\n')}\nRepeat it with: ${replayOf(row.name, seed)}`, {
          cause: error,
        })
      }
    })
  })
}
