import type { KubeObject } from '../../../src/kube/api.ts'
import { namespacesOf } from '../support/histories.ts'
import { historyKinds } from '../support/kinds.ts'
import { comparable, keyOf } from './objects.ts'
import type { Server } from './server.ts'

/** Everything of a project's namespaces, and what is named after it outside of them. */
export async function read(server: Server, project: string): Promise<KubeObject[]> {
  const namespaces = new Set(namespacesOf(project))
  const collections = [
    '/api/v1/namespaces',
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    ...Object.values(historyKinds).map(({ collection }) => collection(project)),
  ]
  const all = (await Promise.all(collections.map((collection) => server.list(collection)))).flat()
  return all.filter((object) => {
    const { name, namespace } = object.metadata
    if (namespace === undefined) return name.startsWith(`${project}-`) || name.endsWith(`.${project}.example.com`)
    const isEverywhere = name === 'kube-root-ca.crt' || (object.kind === 'ServiceAccount' && name === 'default')
    return namespaces.has(namespace) && !isEverywhere
  })
}

/** The comparable parts of objects, by key. */
export const states = (objects: readonly KubeObject[], project: string) =>
  Object.fromEntries(objects.map((object) => [keyOf(object), comparable(object, project)]))
