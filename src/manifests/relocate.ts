import type { KubeObject } from '../kube/api.ts'
import { isRecord } from '../lib/record.ts'

/**
 * Moves the namespaces of a project on a shared cluster: the main one becomes `target`, others get `target-` as prefix.
 */
export interface Relocation {
  /** The new name of a namespace. Namespaces of Kubernetes stay. */
  of(namespace: string): string
  /** The object in its new namespace, with all references to namespaces of the project changed. */
  object(object: KubeObject): KubeObject
}

/** Where the main namespace goes, and what moves besides the manifests. */
export interface Move {
  /** The namespace of objects without one. */
  readonly main: string
  /** The developer's namespace. */
  readonly target: string
  /** Names of Services that devk adds to the main namespace. */
  readonly added?: readonly string[]
}

/**
 * Moves objects from the namespaces in the manifests to those of one developer. Changes references in the fields of
 * Kubernetes (`namespace`, `namespaces`, `matchNames`, the label kubernetes.io/metadata.name) and in host names
 * (`db.todo.svc`, `db.todo:5432`), but not in encoded values such as those of Secrets. The names of Services that are
 * not the project's stay, such as `kubernetes.default.svc`. Pure.
 */
export function relocation(objects: readonly KubeObject[], { main, target, added = [] }: Move): Relocation {
  const names = new Set([main, ...objects.flatMap(namespacesOf)])
  const own = [...names].filter((name) => !name.startsWith('kube-') && name !== target)
  const moved = new Map(own.map((name) => [name, name === main ? target : `${target}-${name}`]))
  const of = (namespace: string) => moved.get(namespace) ?? namespace
  const services = objects
    .filter(({ kind }) => kind === 'Service')
    .map(({ metadata }) => ({ name: metadata.name, namespace: metadata.namespace || main }))
  const hosts = [...services, ...added.map((name) => ({ name, namespace: main }))]
  // Operators create Services that no manifest has. In a namespace of the project they are the project's.
  const created = objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name)
  const whole = own.filter((name) => name !== 'default' && (name === main || created.includes(name)))
  const text = (value: string) => inHosts(value, { hosts, whole, of })
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

interface Hosts {
  /** The project's Services. */
  readonly hosts: readonly { readonly name: string; readonly namespace: string }[]
  /** The namespaces in which every Service is the project's. */
  readonly whole: readonly string[]
  of(namespace: string): string
}

/**
 * Changes `db.todo` and `db.todo.svc…` of the project's Services, also behind the name of a pod, and `x.todo.svc…` of
 * every Service in a namespace that is the project's as a whole.
 */
function inHosts(value: string, { hosts, whole, of }: Hosts): string {
  let result = value
  for (const from of whole) {
    result = result.replace(new RegExp(`\\.${from}(?=\\.svc(?![\\w-]))`, 'g'), `.${of(from)}`)
  }
  for (const { name, namespace } of hosts) {
    const to = `${name}.${of(namespace)}`
    const host = `${name}\\.${namespace}`
    result = result.replace(new RegExp(`(?<![\\w-])${host}(?=\\.svc(?![\\w-]))`, 'g'), to)
    result = result.replace(new RegExp(`(?<![\\w.-])${host}(?![\\w.-])`, 'g'), to)
  }
  return result
}
