import { createHash } from 'node:crypto'

/** A source of random numbers that gives the same numbers for the same seed. */
export interface Random {
  /** An integer from `from` to `to`, both included. */
  int(from: number, to: number): number
  /** True with this probability. */
  chance(probability: number): boolean
  /** One of the items, of which there must be at least one. */
  pick<T>(items: readonly T[]): T
  /** Some text of this length, of small letters. */
  text(length: number): string
}

/** The source for a seed; any text is a seed. The generator is xorshift128. */
export function randomOf(seed: string): Random {
  const digest = createHash('sha256').update(seed).digest()
  let [x, y, z, w] = [0, 4, 8, 12].map((at) => digest.readInt32LE(at)) as [number, number, number, number]
  const next = () => {
    const t = x ^ (x << 11)
    ;[x, y, z] = [y, z, w]
    w = w ^ (w >>> 19) ^ t ^ (t >>> 8)
    return (w >>> 0) / 2 ** 32
  }
  const int = (from: number, to: number) => from + Math.floor(next() * (to - from + 1))
  return {
    int,
    chance: (probability) => next() < probability,
    pick<T>(items: readonly T[]): T {
      if (items.length === 0) throw new Error('there is nothing to pick from')
      return items[int(0, items.length - 1)] as T
    },
    text: (length) => Array.from({ length }, () => String.fromCharCode(int(97, 122))).join(''),
  }
}
