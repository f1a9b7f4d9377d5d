/** The disk of this machine is full at any moment of `up` and `down`: devk says where, and goes on when there is room. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect } from 'vitest'
import { type Described, detached, type PlaneProject, planeProject } from './site/plane-project.ts'
import { expectNoProcess } from './site/processes.ts'
import type { SiteOptions } from './site/site.ts'
import { mountSmallDisk, type SmallDisk } from './site/small-disk.ts'
import { campaign } from './support/campaign.ts'
import type { Random } from './support/random.ts'
import { startWorld, type World } from './support/world.ts'

let world: World

beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.stop())

/** The folders that devk writes. Each seed takes the next one. */
const folders = ['state', 'state', 'state', 'temporary'] as const

campaign({
  name: 'disk',
  short: folders.length,
  long: 10 * folders.length,
  async run(random, id) {
    const project = await planeProject(world, `${id}-f`)
    const folder = project[folders[Number(id.slice(1)) % folders.length] ?? 'state']
    const disk = await mountSmallDisk(folder, 200)
    const options = { inside: disk.inside }
    try {
      let described = anything(random)
      await project.describe(described)
      if (random.chance(0.5)) await project.succeed(detached, options)
      for (let [time, times] = [0, random.int(1, 3)]; time < times; time += 1) {
        described = anything(random)
        await project.describe(described)
        await onFullDisk(random, project, { disk, folder, options })
        await disk.free()
      }
      await project.succeed(detached, options)
      await project.expectDeployed(described)
      await project.succeed(['down'], options)
      expect([...(await project.found()).keys()]).toEqual([])
      await expectNoProcess(project.mark)
    } finally {
      await disk.close()
      await project.dispose()
      await world.server.remove(`/api/v1/namespaces/${project.name}`)
    }
  },
})

const anything = (random: Random): Described => ({ content: random.text(6), others: random.int(0, 10) })

interface Full {
  readonly disk: SmallDisk
  readonly folder: string
  readonly options: SiteOptions
}

/** Runs a command on a disk that is full from its start on, or from a moment of its work on. */
async function onFullDisk(random: Random, project: PlaneProject, { disk, folder, options }: Full): Promise<void> {
  const isEarly = random.chance(0.7)
  const left = random.pick([0, 0, 4, 8, 12, 20])
  if (isEarly) await disk.fill(left)
  const running = project.start(random.pick([detached, detached, ['down']]), options)
  if (!isEarly) {
    await sleep(random.int(0, 800))
    await disk.fill(left)
  }
  const { exitCode, stderr } = await running.finished
  expect([0, 1], stderr).toContain(exitCode)
  if (exitCode === 0) return
  expect(stderr).toContain('[DISK_FULL]')
  // Long paths are wrapped.
  expect(stderr.replace(/\s+/g, ''), 'the place').toContain(folder)
}
