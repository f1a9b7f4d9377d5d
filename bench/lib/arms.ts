import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { repository } from '../../test/e2e/support/devk.ts'
import { percentile, ratioOf } from './stats.ts'

/** One of the ways that are compared. Gives how long its part of a round took, in milliseconds. */
export interface Arm {
  readonly name: string
  run(round: number): Promise<number>
}

/** What is measured. The first arm is devk's. */
export interface Comparison {
  /** Name of the file in `bench/results`. */
  readonly name: string
  readonly arms: readonly [Arm, ...Arm[]]
  readonly rounds: number
  /** Rounds before the ones that count. None where the first time counts too. */
  readonly warmups?: number
}

/** How long something takes, in milliseconds. */
export async function timed(run: () => unknown): Promise<number> {
  const began = performance.now()
  await run()
  return performance.now() - began
}

/**
 * Runs the arms by turns, each round in another order, so that a slow moment of the machine hits all of them. devk's arm runs twice
 * in each round: the two must not differ, else the machine was too uneven to compare anything. Prints the table and writes the raw
 * times to `bench/results/NAME.json`.
 */
export async function compare({ name, arms, rounds, warmups = 2 }: Comparison): Promise<void> {
  const [own] = arms
  const all = [...arms, { ...own, name: `${own.name}, again` }]
  const times = all.map((): number[] => [])
  for (let round = -warmups; round < rounds; round += 1) {
    for (let turn = 0; turn < all.length; turn += 1) {
      const at = (turn + Math.abs(round)) % all.length
      const took = await (all[at] as Arm).run(round)
      if (round >= 0) times[at]?.push(took)
    }
  }
  const samples = Object.fromEntries(all.map((arm, at) => [arm.name, times[at] ?? []]))
  print(name, samples)
  writeResult(name, { ms: samples })
}

/** Runs the arms by turns, each round in another order, and gives what each of their runs gave, by name. */
export async function byTurns<A extends { readonly name: string }, T>(
  arms: readonly A[],
  rounds: number,
  run: (arm: A) => Promise<T>,
): Promise<Record<string, T[]>> {
  const samples: Record<string, T[]> = Object.fromEntries(arms.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < arms.length; turn += 1) {
      const arm = arms[(turn + round) % arms.length] as A
      samples[arm.name]?.push(await run(arm))
    }
  }
  return samples
}

/** Writes raw figures with what one has to know of the machine to `bench/results/NAME.json`. */
export function writeResult(name: string, figures: object): void {
  const folder = join(repository, 'bench/results')
  mkdirSync(folder, { recursive: true })
  const rounded = (_key: string, value: unknown) => (typeof value === 'number' ? Number(value.toFixed(2)) : value)
  const json = JSON.stringify({ name, ...machine(), ...figures }, rounded)
  writeFileSync(join(folder, `${name}.json`), `${json.replaceAll(/("ms":\{|\],)/g, '$1\n  ')}\n`)
}

function print(name: string, samples: Readonly<Record<string, readonly number[]>>): void {
  const [first = []] = Object.values(samples)
  console.log(`\n${name}, ${first.length} rounds`)
  for (const [arm, values] of Object.entries(samples)) {
    const figures = [0.5, 0.95].map((p) => percentile(values, p).toFixed(1).padStart(9))
    const { ratio, low, high } = ratioOf(first, values)
    const beside = values === first ? '' : `devk is ${ratio.toFixed(2)} × (${low.toFixed(2)} to ${high.toFixed(2)})`
    console.log(`  ${arm.padEnd(28)} p50 ${figures[0]} ms   p95 ${figures[1]} ms   ${beside}`)
  }
}

/** What one has to know of the machine to repeat the measurement. */
function machine() {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: repository, encoding: 'utf8' }).trim()
  const [cpu] = cpus()
  return {
    date: new Date().toISOString().slice(0, 10),
    commit,
    node: process.version,
    kernel: release(),
    cpus: `${cpus().length} × ${cpu?.model ?? 'unknown'}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  }
}
