import { randomOf } from '../../test/faults/support/random.ts'

/** A value by its rank (nearest rank): 0.5 is the median. 0 without values. */
export function percentile(values: readonly number[], p: number): number {
  return [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(values.length * p) - 1)] ?? 0
}

/** The ratio of two medians, and where it lies in 95 of 100 repetitions. */
export interface Ratio {
  readonly ratio: number
  readonly low: number
  readonly high: number
}

/**
 * The ratio of the medians of two arms that were measured by turns, with its 95 % interval by the bootstrap: rounds are drawn again
 * with replacement, each with both of its values, since what slows one arm down in a round slows the other one too.
 * See B. Efron and R. Tibshirani, An Introduction to the Bootstrap, chapter 13.
 */
export function ratioOf(own: readonly number[], other: readonly number[], resamples = 2000): Ratio {
  const rounds = Math.min(own.length, other.length)
  const random = randomOf(`${rounds} rounds`)
  const drawn = Array.from({ length: resamples }, () => {
    const picks = Array.from({ length: rounds }, () => random.int(0, rounds - 1))
    const median = (values: readonly number[]) =>
      percentile(
        picks.map((at) => values[at] ?? 0),
        0.5,
      )
    return median(own) / median(other)
  })
  const ratio = percentile(own, 0.5) / percentile(other, 0.5)
  return { ratio, low: percentile(drawn, 0.025), high: percentile(drawn, 0.975) }
}
