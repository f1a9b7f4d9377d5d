/** The API server, the node or the engine is gone for a while: devk says so, never says ready meanwhile, and recovers. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect } from 'vitest'
import { eventually } from '../e2e/support/eventually.ts'
import { type EngineProxy, startEngineProxy } from './site/engine-proxy.ts'
import { type Kubelet, startKubelet } from './site/kubelet.ts'
import { type Described, detached, type PlaneProject, planeProject } from './site/plane-project.ts'
import { expectNoProcess } from './site/processes.ts'
import type { SiteRun } from './site/site.ts'
import { campaign, wanted } from './support/campaign.ts'
import type { Random } from './support/random.ts'
import { startWorld, type World } from './support/world.ts'

let world: World
let kubelet: Kubelet

beforeAll(async () => {
  world = await startWorld()
  kubelet = await startKubelet(world.server, 'faults-node')
})
afterAll(async () => {
  await kubelet?.stop()
  await world?.stop()
})

/** Seconds until devk has to say that something is gone, with what a busy machine takes to tell of it. */
const shownSeconds = 15 + 3
/** A kubelet renews its Lease every ten seconds, so that a node which is no container of this machine takes longer. */
const leaseSeconds = 30

/** Something that a test takes away and gives back. */
interface Outage {
  readonly begins: () => unknown
  readonly ends: () => unknown
  /** What devk says when it is gone, and when it is back. */
  readonly gone: RegExp
  readonly back: RegExp
  readonly seconds: number
}

const paused: Outage = {
  begins: () => world.process.pause(),
  ends: () => world.process.resume(),
  gone: /does not answer/,
  back: /answers again/,
  seconds: shownSeconds,
}
const ended: Outage = { ...paused, begins: () => world.process.end(), ends: () => world.process.again() }
const silent: Outage = {
  begins: () => kubelet.pause(),
  ends: () => kubelet.resume(),
  gone: /node faults-node has stopped to report/,
  back: /node faults-node reports again/,
  seconds: leaseSeconds,
}
const up = [...detached, '--timeout', '60s']

/** Each seed takes the next one, so that five seeds try all. */
const scenes = [
  (random: Random, project: PlaneProject) => whileLive(random, project, paused),
  (random: Random, project: PlaneProject) => whileLive(random, project, ended),
  (random: Random, project: PlaneProject) => whileLive(random, project, silent),
  duringUp,
  withoutEngine,
]

campaign({
  name: 'engine',
  short: scenes.length,
  long: 12 * scenes.length,
  async run(random, id) {
    const project = await planeProject(world, `${id}-e`)
    const first = described(random)
    try {
      await project.describe(first)
      await project.succeed(up)
      await scenes[Number(id.slice(1)) % scenes.length]?.(random, project)
      const calm = described(random)
      await project.describe(calm)
      await project.succeed(up)
      await project.expectDeployed(calm)
      await project.succeed(['down'])
      expect([...(await project.found()).keys()]).toEqual([])
      await expectNoProcess(project.mark)
      expect(await project.litter()).toEqual([])
    } finally {
      await project.dispose()
      await world.server.remove(`/api/v1/namespaces/${project.name}`)
    }
  },
})

const described = (random: Random): Described => ({ content: random.text(6), others: random.int(0, 5), waits: true })

/** Something is gone while `dev` runs. */
async function whileLive(random: Random, project: PlaneProject, outage: Outage): Promise<void> {
  const running = project.start(['dev'])
  await running.waitFor(/Watching|leaves the stack/, 60_000)
  await sleep(random.int(0, 2000))
  const missed = random.chance(0.5) ? described(random) : undefined
  await outage.begins()
  const began = running.output().length
  try {
    const until = sleep(1000 * random.int(5, wanted.isLong ? 120 : 10))
    const status = expectNotReady(project, outage)
    if (missed !== undefined) await project.describe(missed)
    await running.waitFor(outage.gone, 1000 * outage.seconds)
    await status
    await until
  } finally {
    const said = running.output().slice(began)
    await outage.ends()
    if (outage !== silent) expect(said).not.toMatch(/✔|ready/i)
  }
  await running.waitFor(outage.back, 60_000)
  await expectFollows(project, missed ?? described(random), running, missed !== undefined)
  running.child.kill('SIGTERM')
  expect(await running.finished).toMatchObject({ exitCode: 130 })
}

/** `status` does not call ready what nobody has seen for longer than it takes to notice. */
async function expectNotReady(project: PlaneProject, { seconds }: Outage): Promise<void> {
  await eventually('a status that is not ready', seconds, async () => {
    const { exitCode, stdout } = await project.start(['status', '--json']).finished
    if (exitCode !== 0) return exitCode
    const { services } = JSON.parse(stdout) as { services: { state: string }[] }
    return services.every(({ state }) => state !== 'ready') || undefined
  })
}

/** A save reaches the cluster: one that was made meanwhile by itself. */
async function expectFollows(
  project: PlaneProject,
  next: Described,
  running: SiteRun,
  isSaved: boolean,
): Promise<void> {
  if (!isSaved) await project.describe(next)
  await eventually(`a save ${isSaved ? 'meanwhile' : 'afterwards'}`, 60, async () => {
    await project.expectDeployed(next)
    return true
  }).catch((error) => {
    throw new Error(`${(error as Error).message}:\n${running.output().slice(-2000)}`, { cause: (error as Error).cause })
  })
}

/** The API server is gone during `up`. */
async function duringUp(random: Random, project: PlaneProject): Promise<void> {
  const next = described(random)
  await project.describe(next)
  const outage = random.pick([paused, ended])
  const running = project.start(up)
  if (random.chance(0.5)) await running.waitFor(/Cluster/)
  await sleep(random.int(0, 400))
  await outage.begins()
  const began = performance.now()
  const seconds = random.int(5, wanted.isLong ? 60 : 10)
  const early = await Promise.race([running.finished, sleep(1000 * seconds)])
  const ms = performance.now() - began
  await outage.ends()
  if (early?.exitCode === 0) expect(ms, 'up is ready without an API server').toBeLessThan(2000)
  const { exitCode, stderr } = await running.finished
  expect([0, 1, 3], stderr).toContain(exitCode)
  if (exitCode === 0) await project.expectDeployed(next)
  else expect(stderr).toMatch(/✖ .*\[[A-Z_]+\]/s)
}

/** The engine restarts, or does not answer, while `up` begins. */
async function withoutEngine(random: Random, project: PlaneProject): Promise<void> {
  const proxy: EngineProxy = await startEngineProxy(`${project.folder}/engine.sock`)
  const next = described(random)
  try {
    await project.describe(next)
    const running = project.start(up, { env: { DOCKER_HOST: proxy.host } })
    await sleep(random.int(0, 700))
    proxy.become(random.pick(['refuse', 'hang']))
    const told = await Promise.race([running.finished, running.waitFor(/engine/i, 1000 * shownSeconds)])
    expect(told).toBeDefined()
    await sleep(1000 * random.int(1, 5))
    proxy.become('pass')
    const { exitCode, stderr } = await running.finished
    expect([0, 1], stderr).toContain(exitCode)
    if (exitCode === 0) await project.expectDeployed(next)
    else expect(stderr).toMatch(/ENGINE/)
  } finally {
    proxy.close()
  }
}
