/** Histories of manifests on a real API server: each step leaves exactly what it describes, and what others have. */
import { afterAll, beforeAll, expect } from 'vitest'
import { DevkError } from '../../src/errors.ts'
import type { KubeObject, ObjectRef } from '../../src/kube/api.ts'
import { keyOf, without } from './oracle/objects.ts'
import { read, states } from './oracle/project.ts'
import { campaign } from './support/campaign.ts'
import { addForeign, expectUntouched, replaceForeign } from './support/foreign.ts'
import { firstManifests, type Manifests, namespacesOf, nextManifests, objectsOf } from './support/histories.ts'
import { isHolder } from './support/kinds.ts'
import { deploy, remove } from './support/stack.ts'
import { startWorld, type World } from './support/world.ts'

let world: World

beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.stop())

campaign({
  name: 'histories',
  short: 60,
  long: 1000,
  concurrent: true,
  async run(random, id) {
    const project = `${id}-a`
    const foreign = new Map<string, KubeObject>()
    const kept = new Set<string>()
    let manifests: Manifests = []
    for (let [step, steps] = [0, random.int(3, 10)]; step < steps; step += 1) {
      const next = step === 0 ? firstManifests(random) : nextManifests(random, manifests)
      const replaces = random.chance(0.3)
      if (await isApplied(project, next, { foreign, kept, replaces })) manifests = next
      if (step > 0 && random.chance(0.4)) await addForeign(world.server, random, project, foreign)
    }
    await expectSameAsFresh(id, manifests)
    await remove(world.kube, project)
    const left = await read(world.server, project)
    expectUntouched(foreign, left)
    const inhabited = new Set([...foreign.values()].map(({ metadata }) => metadata.namespace))
    const isExpected = (object: KubeObject) =>
      foreign.has(keyOf(object)) ||
      inhabited.has(object.metadata.name) ||
      (object.kind === 'CustomResourceDefinition' && [...foreign.values()].some(({ kind }) => kind === 'Thing'))
    expect(left.filter((object) => !isExpected(object)).map(keyOf)).toEqual([])
    for (const name of namespacesOf(project)) await world.server.remove(`/api/v1/namespaces/${name}`)
  },
})

interface Before {
  readonly foreign: Map<string, KubeObject>
  /** Keys of objects that the project had once and that `up` keeps. */
  readonly kept: Set<string>
  /** Whether somebody replaces an object just before `up` deletes it. */
  readonly replaces: boolean
}

/** Applies one step and checks what is there afterwards. Gives false when devk rightly refused it and changed nothing. */
async function isApplied(project: string, next: Manifests, { foreign, kept, replaces }: Before): Promise<boolean> {
  const wanted = objectsOf(next, project)
  const before = await read(world.server, project)
  const meanwhile = async (deleted: readonly ObjectRef[]) => {
    if (replaces) await replaceForeign(world.server, deleted, foreign)
  }
  const refusal = await deploy(world.kube, project, wanted, meanwhile).catch((error: unknown) => error)
  const after = await read(world.server, project)
  const taken = wanted.map(keyOf).filter((key) => foreign.has(key))
  expectUntouched(foreign, after)
  if (refusal !== undefined) {
    if (!(refusal instanceof DevkError)) throw refusal
    // Nothing else in these histories is for the user to decide.
    expect(refusal.code, `${refusal.message} ${refusal.details.join('; ')}`).toBe('OBJECT_FOREIGN')
    expect(taken).not.toEqual([])
    const uids = (objects: readonly KubeObject[]) => objects.map((each) => `${keyOf(each)} ${each.metadata.uid}`).sort()
    expect(uids(after)).toEqual(uids(before))
    expect(states(after, project)).toEqual(states(before, project))
    return false
  }
  expect(taken).toEqual([])
  for (const object of wanted) if (isHolder(object)) kept.add(keyOf(object))
  const expected = new Set([...wanted.map(keyOf), ...kept, ...foreign.keys()])
  const found = after.map(keyOf)
  expect({ lost: without(expected, found), left: without(found, expected) }).toEqual({ lost: [], left: [] })
  return true
}

/** A project that never had another history has the same objects. */
async function expectSameAsFresh(id: string, manifests: Manifests): Promise<void> {
  const [grown, fresh] = [`${id}-a`, `${id}-b`]
  await deploy(world.kube, fresh, objectsOf(manifests, fresh))
  const expected = states(await read(world.server, fresh), fresh)
  const wanted = new Set(objectsOf(manifests, grown).map(keyOf))
  const found = states(
    (await read(world.server, grown)).filter((object) => wanted.has(keyOf(object))),
    grown,
  )
  const renamed = (all: object, project: string) => JSON.parse(JSON.stringify(all).replaceAll(project, 'PROJECT'))
  expect(renamed(found, grown)).toEqual(renamed(expected, fresh))
  await remove(world.kube, fresh)
}
