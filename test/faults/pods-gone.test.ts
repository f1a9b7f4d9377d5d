/** Pods, containers, agents and the node go while files are saved: nothing counts as synced before its bytes are there. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll } from 'vitest'
import { podSyncer } from '../../src/sync/pod-syncer.ts'
import { startDevSession } from '../e2e/support/pods/dev-session.ts'
import { campaign } from './support/campaign.ts'
import { type LiveCluster, liveCluster } from './support/live/cluster.ts'
import {
  deleteAll,
  deletePod,
  killContainer,
  killSyncAgents,
  pauseNode,
  restartRuntime,
} from './support/live/disturb.ts'
import { writeBase } from './support/live/image.ts'
import { inTime } from './support/live/in-time.ts'
import { rebuildOf } from './support/live/rebuild.ts'
import { removeService, startService } from './support/live/service.ts'
import { stateOf } from './support/live/state.ts'
import { explained, told } from './support/live/told.ts'
import { randomOf } from './support/random.ts'
import { savedFiles } from './support/saves/saved-files.ts'

let live: LiveCluster

beforeAll(async () => {
  live = await liveCluster()
})
afterAll(() => live?.close())

const disturbances = [deletePod, deletePod, deleteAll, killSyncAgents, killSyncAgents, pauseNode, restartRuntime]

campaign({
  name: 'pods-gone',
  short: 3,
  long: 100,
  concurrent: true,
  async run(random, id) {
    const project = `${id}-g`
    const source = await mkdtemp(join(tmpdir(), `devk-faults-${project}-`))
    await writeBase(source)
    await startService(live, { project, replicas: random.int(1, 2) })
    const files = savedFiles(live, project, join(source, 'app'))
    const events = told()
    const session = startDevSession(live.kube, {
      syncer: podSyncer(live.agents, live.streams, (node) => node),
      source,
      project,
      rebuild: rebuildOf(live, project, source),
      onEvent(event) {
        events.add(event)
        if (event.type === 'synced') files.synced(event.files, event.ms)
        if (event.type === 'failed') files.failed()
      },
    })
    try {
      await session.waitForEvent(({ type }) => type === 'watching')
      const killAt = random.chance(0.4) ? random.int(0, 3) : -1
      for (let [step, steps] = [0, random.int(2, 4)]; step < steps; step += 1) {
        const act = step === killAt ? killContainer : random.pick(disturbances)
        const happening = act(live, project, randomOf(random.text(8)))
        happening.catch(() => {})
        await sleep(random.pick([0, 50, 200, 600]))
        files.save(random.pick(['one', 'two', 'deep/three']), random.text(20))
        const state = async () => `devk knows ${JSON.stringify(session.running())}\n${await stateOf(live, project)}`
        await explained(events, state, async () => {
          await inTime('synced', live, project, files.isSaid)
          await happening
          await files.check()
        })
      }
    } finally {
      await session.end()
      await removeService(live, project)
      await rm(source, { recursive: true, force: true })
    }
  },
})
