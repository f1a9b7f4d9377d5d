/** `up` and `down` end by kill -9 at any moment, and the next one does the rest. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect } from 'vitest'
import type { KubeObject } from '../../src/kube/api.ts'
import { keyOf, without } from './oracle/objects.ts'
import { read } from './oracle/project.ts'
import { campaign } from './support/campaign.ts'
import { addForeign, expectUntouched } from './support/foreign.ts'
import { firstManifests, namespacesOf, nextManifests, objectsOf } from './support/histories.ts'
import { isHolder } from './support/kinds.ts'
import type { Random } from './support/random.ts'
import { deploy, remove } from './support/stack.ts'
import { startWorld, type World } from './support/world.ts'

let world: World

beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.stop())

const script = fileURLToPath(new URL('support/engine-process.ts', import.meta.url))

/** Runs a verb in a process of its own, and kills it with SIGKILL at a random moment of its work. */
async function killed(
  random: Random,
  verb: 'up' | 'down',
  project: string,
  objects: readonly KubeObject[],
): Promise<void> {
  const child: ChildProcess = spawn(process.execPath, [script, world.kubeconfig, verb, project], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  child.stdin?.end(JSON.stringify(objects))
  await once(child.stdout as NodeJS.ReadableStream, 'data')
  await sleep(random.int(0, 600))
  child.kill('SIGKILL')
  await ended
}

campaign({
  name: 'kills',
  short: 15,
  long: 250,
  concurrent: true,
  async run(random, id) {
    const project = `${id}-k`
    const foreign = new Map<string, KubeObject>()
    const first = firstManifests(random)
    await killed(random, 'up', project, objectsOf(first, project))
    await deploy(world.kube, project, objectsOf(first, project))
    await addForeign(world.server, random, project, foreign)

    const next = nextManifests(random, nextManifests(random, first))
    const taken = () => objectsOf(next, project).some((object) => foreign.has(keyOf(object)))
    if (!taken()) {
      await killed(random, 'up', project, objectsOf(next, project))
      expectUntouched(foreign, await read(world.server, project))
      await deploy(world.kube, project, objectsOf(next, project))
      const kept = objectsOf(first, project).filter(isHolder)
      const expected = new Set([...[...objectsOf(next, project), ...kept].map(keyOf), ...foreign.keys()])
      const found = (await read(world.server, project)).map(keyOf)
      expect({ lost: without(expected, found), left: without(found, expected) }).toEqual({ lost: [], left: [] })
      expect(found).toHaveLength(expected.size)
    }

    await killed(random, 'down', project, [])
    await remove(world.kube, project)
    const left = await read(world.server, project)
    expectUntouched(foreign, left)
    const inhabited = new Set([...foreign.values()].map(({ metadata }) => metadata.namespace))
    const own = left.filter((object) => !foreign.has(keyOf(object)) && !inhabited.has(object.metadata.name))
    const isShared = [...foreign.values()].some(({ kind }) => kind === 'Thing')
    expect(own.filter(({ kind }) => !(isShared && kind === 'CustomResourceDefinition')).map(keyOf)).toEqual([])
    for (const name of namespacesOf(project)) await world.server.remove(`/api/v1/namespaces/${name}`)
  },
})
