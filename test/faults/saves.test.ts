/** Saves of all kinds while pods come and go: each container ends with exactly the tree on disk. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll } from 'vitest'
import { podSyncer } from '../../src/sync/pod-syncer.ts'
import { eventually } from '../e2e/support/eventually.ts'
import { startDevSession } from '../e2e/support/pods/dev-session.ts'
import { treesOf } from './oracle/containers.ts'
import { runningIn } from './oracle/pods.ts'
import { campaign } from './support/campaign.ts'
import { type LiveCluster, liveCluster } from './support/live/cluster.ts'
import { deleteAll, deletePod, killContainer, rollOut } from './support/live/disturb.ts'
import { writeBase } from './support/live/image.ts'
import { rebuildOf } from './support/live/rebuild.ts'
import { removeService, startService } from './support/live/service.ts'
import { stateOf } from './support/live/state.ts'
import { explained, told } from './support/live/told.ts'
import { randomOf } from './support/random.ts'
import { calmChange, change } from './support/saves/changes.ts'
import { differences } from './support/saves/differences.ts'
import { readTree } from './support/saves/tree.ts'

let live: LiveCluster

beforeAll(async () => {
  live = await liveCluster()
})
afterAll(() => live?.close())

/**
 * A file that a build reads, and that is gone before the watch has looked at it, stays in the image. So the files that
 * are made during a build stay this long (ms).
 */
const calmMs = 1500
const disturbances = [rollOut, rollOut, deletePod, deletePod, deleteAll, killContainer]

campaign({
  name: 'saves',
  short: 4,
  long: 500,
  concurrent: true,
  async run(random, id) {
    const project = `${id}-s`
    const source = await mkdtemp(join(tmpdir(), `devk-faults-${project}-`))
    await writeBase(source)
    const replicas = random.int(1, 2)
    await startService(live, { project, replicas })
    const events = told()
    let isBuilding = false
    const session = startDevSession(live.kube, {
      syncer: podSyncer(live.agents, live.streams, (node) => node),
      source,
      project,
      rebuild: rebuildOf(live, project, source),
      onEvent(event) {
        events.add(event)
        if (event.type === 'ready' || event.type === 'failed') isBuilding = false
      },
    })
    const works: Promise<unknown>[] = []
    try {
      await session.waitForEvent(({ type }) => type === 'watching')
      const rebuildAt = random.chance(0.25) ? random.int(0, 10) : -1
      for (let [step, steps] = [0, random.int(4, 25)]; step < steps; step += 1) {
        if (step === rebuildAt) {
          isBuilding = true
          await writeFile(join(source, 'requirements.txt'), random.text(10))
        }
        const act = isBuilding ? calmChange : change
        act(join(source, 'app'), random)
        if (random.chance(0.15)) works.push(random.pick(disturbances)(live, project, randomOf(random.text(8))))
        const pause = random.pick([0, 0, 5, 20, 100, 400])
        await sleep(isBuilding ? calmMs : pause)
      }
      await Promise.all(works)
      // A build that failed is tried again with the next save.
      await writeFile(join(source, 'app', 'last'), random.text(10))
      const state = () => stateOf(live, project)
      await explained(events, state, async () => {
        await eventually('the tree on disk in each container', 60, () => isEverywhere(project, replicas, source))
        await sleep(300)
        await eventually('the same tree a moment later', 60, () => isEverywhere(project, replicas, source))
      })
    } finally {
      await session.end()
      await removeService(live, project)
      await rm(source, { recursive: true, force: true })
    }
  },
})

/** Throws with what differs, or when another number of containers runs. */
async function isEverywhere(project: string, replicas: number, source: string): Promise<true> {
  const ids = (await runningIn(live.server, project)).map((container) => container.id)
  const trees = await treesOf(live.cluster.node, ids)
  if (trees.size !== replicas) throw new Error(`${trees.size} of ${replicas} containers run`)
  const onDisk = readTree(join(source, 'app'))
  const found = [...trees].flatMap(([id, tree]) =>
    differences(onDisk, tree).map((what) => `${id.slice(0, 8)}: ${what}`),
  )
  if (found.length > 0) throw new Error(found.slice(0, 20).join('\n'))
  return true
}
