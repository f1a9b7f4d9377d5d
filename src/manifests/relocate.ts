import type { KubeObject } from '../kube/api.ts'
import { isRecord } from './rendered.ts'

/**
 * Moves the namespaces of a project on a shared cluster: the main one becomes `target`, others get `target-` as prefix.
 */
export interface Relocation {
  /** The new name of a namespace. Namespaces of Kubernetes stay. */
  of(namespace: string): string
  /** The object in its new namespace, with all references to namespaces of the project changed. */
  object(object: KubeObject): KubeObject
}

/**
 * Moves objects from the namespaces in the manifests to those of one developer. Changes references in the fields of
 * Kubernetes (`namespace`, `namespaces`, `matchNames`, the label kubernetes.io/metadata.name) and in host names
 * (`db.todo.svc`, `db.todo:5432`), but not in encoded values such as those of Secrets. Pure.
 */
export function relocation(objects: readonly KubeObject[], main: string, target: string): Relocation {
  const names = new Set([main, ...objects.flatMap(namespacesOf)])
  const own = [...names].filter((name) => !name.startsWith('kube-') && name !== target)
  const moved = new Map(own.map((name) => [name, name === main ? target : `${target}-${name}`]))
  const of = (namespace: string) => moved.get(namespace) ?? namespace
  const hosts = objects
    .filter(({ kind }) => kind === 'Service')
    .flatMap(({ metadata }) => own.map((namespace) => ({ host: `${metadata.name}.${namespace}`, namespace })))
  const text = (value: string) => inHosts(value, hosts, moved)
  return {
    of,
    object(object) {
      const walked = walk(object, of, text) as KubeObject
      return object.kind === 'Namespace' ? renamed(walked, of(object.metadata.name)) : walked
    },
  }
}

function namespacesOf({ kind, metadata }: KubeObject): string[] {
  return kind === 'Namespace' ? [metadata.name] : metadata.namespace ? [metadata.namespace] : []
}

function renamed(object: KubeObject, name: string): KubeObject {
  return { ...object, metadata: { ...object.metadata, name } }
}

const nameLabel = 'kubernetes.io/metadata.name'
const single = new Set(['namespace', nameLabel])
const several = new Set(['namespaces', 'matchNames'])

function walk(value: unknown, of: (name: string) => string, text: (value: string) => string): unknown {
  if (typeof value === 'string') return text(value)
  if (Array.isArray(value)) return value.map((each) => walk(each, of, text))
  if (!isRecord(value)) return value
  const byName = value.key === nameLabel
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (single.has(key) && typeof inner === 'string') return [key, of(inner)]
      if ((several.has(key) || (byName && key === 'values')) && Array.isArray(inner)) {
        return [key, inner.map((each) => (typeof each === 'string' ? of(each) : each))]
      }
      return [key, walk(inner, of, text)]
    }),
  )
}

/** Changes `db.todo.svc…` of every Service, and the short `db.todo` of the Services in the manifests. */
function inHosts(
  value: string,
  hosts: readonly { host: string; namespace: string }[],
  moved: ReadonlyMap<string, string>,
): string {
  let result = value
  for (const [from, to] of moved) result = result.replace(new RegExp(`\\.${from}(?=\\.svc(?![\\w-]))`, 'g'), `.${to}`)
  for (const { host, namespace } of hosts) {
    const newHost = host.slice(0, -namespace.length) + (moved.get(namespace) ?? namespace)
    result = result.replace(new RegExp(`(?<![\\w.-])${host.replace('.', '\\.')}(?![\\w.-])`, 'g'), newHost)
  }
  return result
}
