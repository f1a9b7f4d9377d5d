/** `bin/devk` ends by kill -9 at any moment of `up`, `dev` and `down`, and the next one does the rest. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect } from 'vitest'
import type { KubeObject } from '../../src/kube/api.ts'
import { type Kubelet, startKubelet } from './site/kubelet.ts'
import { type Described, detached, type PlaneProject, planeProject } from './site/plane-project.ts'
import { expectNoProcess } from './site/processes.ts'
import { campaign } from './support/campaign.ts'
import { expectUntouched } from './support/foreign.ts'
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

/** The longest time after the start at which a command is killed, ms. It takes about a second. */
const within = 1500

campaign({
  name: 'kills-real',
  short: 3,
  long: 350,
  async run(random, id) {
    const project = await planeProject(world, `${id}-r`)
    try {
      const decoys = await addDecoys(project)
      let described = anything(random)
      for (let [kill, kills] = [0, random.int(1, 4)]; kill < kills; kill += 1) {
        described = anything(random)
        await project.describe(described)
        await killed(random, project, random.pick([detached, detached, ['dev']]))
        await expectDecoys(project, decoys)
      }
      await project.succeed(detached)
      await project.expectDeployed(described)
      await expectClean(project, decoys)
      await killed(random, project, ['down'])
      await project.succeed(['down'])
      expect([...(await project.found()).keys()]).toEqual([])
      await expectClean(project, decoys)
    } finally {
      await project.dispose()
      for (const name of [project.name, otherOf(project)]) await world.server.remove(`/api/v1/namespaces/${name}`)
    }
  },
})

const anything = (random: Random): Described => ({
  ...{ content: random.text(6), others: random.int(0, 30), waits: random.chance(0.5) },
})

/** Starts a command, and kills it and all that it has started. */
async function killed(random: Random, project: PlaneProject, args: readonly string[]): Promise<void> {
  const { child, finished } = project.start(args)
  await sleep(random.int(0, within))
  try {
    process.kill(-(child.pid ?? 0), 'SIGKILL')
  } catch (error) {
    // It has ended before.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
  await finished
}

/** No process runs on, no file is left half-written, and what others have is the same. */
async function expectClean(project: PlaneProject, decoys: Decoys): Promise<void> {
  await expectNoProcess(project.mark)
  expect(await project.litter()).toEqual([])
  await expectDecoys(project, decoys)
}

type Decoys = ReadonlyMap<string, KubeObject>

const otherOf = ({ name }: PlaneProject) => `${name}-other`
const pathOf = (namespace: string) => `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`

/** What somebody else has, with the labels of the project: in its namespace, and in one of their own. */
async function addDecoys(project: PlaneProject): Promise<Decoys> {
  const decoys = new Map<string, KubeObject>()
  const metadata = { name: otherOf(project) }
  await world.server.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata })
  for (const namespace of [project.name, otherOf(project)]) {
    const labels = { 'devk.dev/project': project.name, 'devk.dev/service': 'web' }
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'web', namespace, labels } }
    decoys.set(`Lease ${namespace}/web`, await world.server.create(pathOf(namespace), lease))
  }
  return decoys
}

async function expectDecoys(project: PlaneProject, decoys: Decoys): Promise<void> {
  const found = await Promise.all([project.name, otherOf(project)].map((name) => world.server.list(pathOf(name))))
  expectUntouched(decoys, found.flat())
}
