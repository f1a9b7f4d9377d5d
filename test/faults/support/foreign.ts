import { expect } from 'vitest'
import type { KubeObject, ObjectRef } from '../../../src/kube/api.ts'
import { comparable, keyOf } from '../oracle/objects.ts'
import { read } from '../oracle/project.ts'
import type { Server } from '../oracle/server.ts'
import { historyKinds, isHolder, objectOf } from './kinds.ts'
import type { Random } from './random.ts'

/** Has somebody create an object that looks like one of the project's, or has a name that it may want later. */
export async function addForeign(
  server: Server,
  random: Random,
  project: string,
  foreign: Map<string, KubeObject>,
): Promise<void> {
  const existing = await read(server, project)
  const copied = existing.filter(({ kind }) => !isHolder({ kind }) && kind !== 'PriorityClass')
  const isCopy = copied.length > 0 && random.chance(0.7)
  const model = isCopy ? random.pick(copied) : objectOf(otherPart(random, project), project)
  const { namespace, labels, annotations } = model.metadata
  const name = isCopy ? `${namespace === undefined ? `${project}-` : ''}${random.text(6)}` : model.metadata.name
  const collection = historyKinds[model.kind]?.collection(project) ?? ''
  const home = namespace === undefined ? collection : collection.replace(/[^/]+$/, `namespaces/${namespace}/$&`)
  const { metadata: _, status: __, spec, ...rest } = model
  const { clusterIP: _ip, clusterIPs: _ips, ...fields } = (spec ?? {}) as Record<string, unknown>
  const copy = { ...rest, ...(spec === undefined ? {} : { spec: fields }) }
  if (
    existing.some(
      (object) => keyOf(object) === keyOf({ ...model, metadata: { name, ...(namespace ? { namespace } : {}) } }),
    )
  )
    return
  const created = await server.create(home, { ...copy, metadata: { name, namespace, labels, annotations } })
  const object = { ...created, kind: model.kind }
  foreign.set(keyOf(object), object)
}

/** Has somebody replace a ConfigMap or a Secret, if one is among these, with an object of the same name. */
export async function replaceForeign(
  server: Server,
  objects: readonly ObjectRef[],
  foreign: Map<string, KubeObject>,
): Promise<void> {
  const found = objects.find(({ kind }) => kind === 'ConfigMap' || kind === 'Secret')
  if (found === undefined) return
  const { apiVersion, kind, name, namespace } = found
  const home = `/api/v1/namespaces/${namespace}/${kind.toLowerCase()}s`
  await server.remove(`${home}/${name}`)
  const created = await server.create(home, { apiVersion, kind, metadata: { name, namespace } })
  const object = { ...created, kind }
  foreign.set(keyOf(object), object)
}

const otherPart = (random: Random, project: string) => ({
  kind: random.pick(['ConfigMap', 'Secret', 'Deployment', 'Role']),
  name: random.pick(['web', 'api', 'db', 'cache']),
  namespace: `${project}-${random.pick(['one', 'two'])}`,
  content: random.text(5),
  fixed: 'a',
})

/** Each object of others is still there, the same one, with the same content. */
export function expectUntouched(foreign: ReadonlyMap<string, KubeObject>, after: readonly KubeObject[]): void {
  const found = new Map(after.map((object) => [keyOf(object), object]))
  for (const [key, object] of foreign) {
    const now = found.get(key)
    expect(now?.metadata.uid, `${key}, which somebody else created`).toBe(object.metadata.uid)
    expect(now?.metadata.deletionTimestamp).toBeUndefined()
    expect(comparable(now as KubeObject, '')).toEqual(comparable({ ...object, apiVersion: now?.apiVersion ?? '' }, ''))
  }
}
