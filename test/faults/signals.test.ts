/** Ctrl-C and SIGTERM at any moment of `up`, `dev` and `down`: devk ends at once, leaves nothing that runs, and the next `up` works. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect } from 'vitest'
import { eventually } from '../e2e/support/eventually.ts'
import { detached, type PlaneProject, planeProject, up } from './site/plane-project.ts'
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

/** A phase of a command, and how a test sees that it has begun. */
interface Phase {
  readonly args: readonly string[]
  readonly waits?: boolean
  readonly slow?: boolean
  readonly begins: (running: SiteRun, project: PlaneProject) => Promise<unknown>
  /** The signal comes at most this many milliseconds later. */
  readonly within: number
}

const atOnce = async () => {}
const printed = (pattern: RegExp) => (running: SiteRun) => running.waitFor(pattern, 30_000)
const renders = (_: SiteRun, project: PlaneProject) =>
  eventually('helm', 30, async () => existsSync(join(project.folder, 'helm-runs')) || undefined)

const waitsForPod = (_: SiteRun, project: PlaneProject) =>
  eventually(
    'the Deployment',
    60,
    async () => (await project.found()).has(`Deployment ${project.name}/web`) || undefined,
  )

/** Each seed takes the next one, so that ten seeds try all. */
const phases: readonly Phase[] = [
  { args: detached, begins: atOnce, within: 600 },
  { args: detached, slow: true, begins: renders, within: 500 },
  { args: detached, begins: printed(/Cluster/), within: 500 },
  { args: detached, waits: true, begins: waitsForPod, within: 3000 },
  { args: up, begins: printed(/Watching|leaves the stack/), within: 500 },
  { args: up, waits: true, begins: waitsForPod, within: 3000 },
  { args: ['dev'], slow: true, begins: renders, within: 500 },
  { args: ['dev'], begins: printed(/Watching|leaves the stack/), within: 500 },
  { args: ['down'], begins: atOnce, within: 800 },
  { args: ['down'], begins: atOnce, within: 800 },
]

/** Milliseconds that devk may take to end, with what this machine takes to tell of it. */
const limits = { first: 2000 + 500, second: 500 }

campaign({
  name: 'signals',
  short: phases.length,
  long: 10 * phases.length,
  async run(random, id) {
    const project = await planeProject(world, `${id}-s`)
    const seed = Number(id.slice(1))
    const phase = phases[seed % phases.length] as Phase
    try {
      await interrupted(random, project, phase)
      const calm = { content: random.text(5), others: 2 }
      await project.describe(calm)
      await project.succeed(detached)
      await project.expectDeployed(calm)
      await project.succeed(['down'])
      expect([...(await project.found()).keys()]).toEqual([])
      expect(await project.litter()).toEqual([])
      await expectNoProcess(project.mark)
    } finally {
      await project.dispose()
      await world.server.remove(`/api/v1/namespaces/${project.name}`)
    }
  },
})

/** Starts a command and interrupts it in this phase. */
async function interrupted(random: Random, project: PlaneProject, phase: Phase): Promise<void> {
  const { waits = false, slow = false } = phase
  if (phase.args[0] !== 'up' || waits || random.chance(0.5)) {
    await project.describe({ content: random.text(5), others: random.int(1, 30) })
    await project.succeed(detached)
  }
  const before = [...(await project.found()).keys()]
  await project.describe({ content: random.text(5), others: waits ? 0 : random.int(0, 30), waits, slow })
  const how = random.pick(['keys', 'SIGINT', 'SIGTERM'] as const)
  const twice = random.chance(0.3)
  const running = project.start(phase.args, { terminal: how === 'keys' })
  // Before the shell has set its trap, Ctrl-C ends the shell.
  if (how === 'keys') await eventually('the shell', 30, async () => (await running.terminalBefore()) || undefined)
  await phase.begins(running, project)
  await sleep(random.int(0, phase.within))
  const strike = () => (how === 'keys' ? running.type('\u0003') : running.child.kill(how))
  const isOver = running.child.exitCode !== null
  strike()
  if (twice) {
    await sleep(random.int(50, 400))
    strike()
  }
  const struck = performance.now()
  const { exitCode, stdout } = await running.finished
  const ms = performance.now() - struck
  const what = `${phase.args.join(' ')}, ${how}${twice ? ' twice' : ''}, after ${Math.round(ms)} ms:\n${running.output()}`
  if (!isOver) expect(ms, what).toBeLessThan(twice ? limits.second : limits.first)
  await expectNoProcess(project.mark)
  // What is no longer described may be in use until the new pod is ready, which it never is.
  if (waits) expect([...(await project.found()).keys()], what).toEqual(expect.arrayContaining(before))
  // It may have ended before the signal, or the signal came before Node has started, or after Node has let go of signals
  // at its end: a shell says 130 for that, too.
  const isKilled = running.child.signalCode === how
  const isAtItsEnd = /Interrupted\.|✔ Ready in|removed in |Nothing was left/.test(running.output())
  const isOutside = isKilled && (phase.begins === atOnce || isAtItsEnd)
  if (!isOutside) expect([130, phase.waits || phase.slow ? 130 : 0], what).toContain(exitCode)
  if (how === 'keys') await expectRestored(running, stdout)
}

/** The terminal is as before, and shows its cursor. */
async function expectRestored(running: SiteRun, shown: string): Promise<void> {
  const { before, after } = await running.terminal()
  expect(after, 'settings of the terminal').toBe(before)
  const [hidden, visible] = ['\u001b[?25l', '\u001b[?25h'].map((sequence) => shown.lastIndexOf(sequence)) as [
    number,
    number,
  ]
  expect(visible, 'the cursor is shown').toBeGreaterThanOrEqual(hidden)
}
