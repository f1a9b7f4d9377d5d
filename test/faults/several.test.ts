/** Two to ten `up`, `down` and `dev` at once on one project: one works, and the others say which. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect } from 'vitest'
import { eventually } from '../e2e/support/eventually.ts'
import { type Described, detached, type PlaneProject, planeProject } from './site/plane-project.ts'
import { expectNoProcess } from './site/processes.ts'
import type { SiteRun } from './site/site.ts'
import { campaign } from './support/campaign.ts'
import type { Random } from './support/random.ts'
import { startWorld, type World } from './support/world.ts'

let world: World

beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.stop())

/** One of those that compete. */
interface Contender {
  readonly verb: 'up' | 'down' | 'dev'
  readonly running: SiteRun
  /** What it leaves when nobody comes after it; undefined: nothing. */
  readonly leaves: Described | undefined
}

campaign({
  name: 'several',
  short: 2,
  long: 40,
  async run(random, id) {
    const project = await planeProject(world, `${id}-m`)
    // In every other run an `up` that has the lock waits for a pod, so that nobody else may work meanwhile.
    const holds = Number(id.slice(1)) % 2 === 0
    const contents = Array.from({ length: 10 }, () => random.text(6))
    // What is no longer wanted is deleted only when the rest is ready, so there is nothing of this kind with such a pod.
    const others = () => random.int(holds ? 3 : 0, 10)
    const described = contents.map((content) => ({ content, others: others(), waits: holds }))
    const first = { content: random.text(6), others: 3 }
    try {
      await project.describe(first, described)
      await project.succeed(detached)
      const contenders = await compete(random, project, { first, described })
      const last = await remaining(contenders, { stays: holds })
      if (last !== undefined) {
        await eventually('what the last one deploys', 60, async () => {
          const found = JSON.stringify([...(await project.found())].sort())
          return last.leaves === undefined || found === JSON.stringify(project.expected(last.leaves)) || undefined
        }).catch(() => {})
        last.running.child.kill('SIGTERM')
      }
      const winners = await judged(contenders)
      const found = JSON.stringify([...(await project.found())].sort())
      const ends = winners.map(({ leaves }) => JSON.stringify(leaves === undefined ? [] : project.expected(leaves)))
      expect(ends, winners.map(({ verb }) => verb).join()).toContain(found)
      await expectNoProcess(project.mark)
      await project.describe(first)
      await project.succeed(detached)
      await project.expectDeployed(first)
      await project.succeed(['down'])
      expect([...(await project.found()).keys()]).toEqual([])
      expect(await project.litter()).toEqual([])
    } finally {
      await project.dispose()
      await world.server.remove(`/api/v1/namespaces/${project.name}`)
    }
  },
})

/** Starts them within a moment. */
async function compete(
  random: Random,
  project: PlaneProject,
  { first, described }: { first: Described; described: readonly Described[] },
): Promise<Contender[]> {
  const contenders: Contender[] = []
  for (let [index, count] = [0, random.int(2, 10)]; index < count; index += 1) {
    const verb = random.pick(['up', 'up', 'down', 'dev'] as const)
    const up = [...detached, '--profile', `p${index}`]
    const running = project.start(verb === 'up' ? up : [verb])
    contenders.push({ verb, running, leaves: { up: described[index], down: undefined, dev: first }[verb] })
    await sleep(random.int(0, 60))
  }
  return contenders
}

/** Waits until at most one is left, and gives it when it stays: with `stays` each that has the lock, otherwise only `dev`. */
async function remaining(
  contenders: readonly Contender[],
  { stays }: { stays: boolean },
): Promise<Contender | undefined> {
  const left = () => contenders.filter(({ running: { child } }) => child.exitCode === null && child.signalCode === null)
  const isLast = async () => {
    const [one, ...more] = left()
    return more.length === 0 && (one === undefined || stays || one.verb === 'dev') ? true : undefined
  }
  await eventually('all but one', 120, isLast).catch((error) => {
    throw new Error(`${left().map(({ verb }) => verb)} work at once`, { cause: error })
  })
  const [last] = left()
  return last?.verb === 'down' ? undefined : last
}

/** Gives those that worked. The others must have said why not. */
async function judged(contenders: readonly Contender[]): Promise<Contender[]> {
  const winners: Contender[] = []
  for (const contender of contenders) {
    const { exitCode, stderr } = await contender.running.finished
    const holder = /(devk \w+) \(pid (\d+)\) is already running/.exec(stderr)
    if (holder !== null) {
      expect(exitCode).toBe(1)
      const named = contenders.find(({ running }) => running.child.pid === Number(holder[2]))
      expect(`devk ${named?.verb}`, stderr).toBe(holder[1])
      continue
    }
    // Beside `down`, there may be nothing that `dev` could stay with.
    if (contender.verb === 'dev' && exitCode === 1 && /devk up first|no stack/i.test(stderr)) continue
    expect({ up: [0, 130], down: [0], dev: [130] }[contender.verb], stderr).toContain(exitCode)
    winners.push(contender)
  }
  expect(winners).not.toEqual([])
  return winners
}
