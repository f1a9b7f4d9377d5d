import type { KubeObject } from '../kube/api.ts'
import { isRecord } from './rendered.ts'

/** Where the namespaces of a project are on a cluster that it shares: its main one is `target`, others get that name in front. */
export interface Relocation {
  /** The name a namespace has there; Kubernetes' own stay. */
  of(namespace: string): string
  /** An object there: its namespace, and each place where it names one of the project's. */
  object(object: KubeObject): KubeObject
}

/**
 * Moves objects from the namespaces that the manifests write to those of one developer. Names of namespaces are found where Kubernetes has
 * them (`namespace`, `namespaces`, `matchNames`, the label kubernetes.io/metadata.name) and in host names (`db.todo.svc`, `db.todo:5432`);
 * what is encoded, as in Secrets, is not looked into. Pure.
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

/** `db.todo.svc…` of any Service, and the short `db.todo` of a Service that is known. */
function inHosts(
  value: string,
  hosts: readonly { host: string; namespace: string }[],
  moved: ReadonlyMap<string, string>,
): string {
  let result = value
  for (const [from, to] of moved) result = result.replace(new RegExp(`\\.${from}(?=\\.svc(?![\\w-]))`, 'g'), `.${to}`)
  for (const { host, namespace } of hosts) {
    const there = host.slice(0, -namespace.length) + (moved.get(namespace) ?? namespace)
    result = result.replace(new RegExp(`(?<![\\w.-])${host.replace('.', '\\.')}(?![\\w.-])`, 'g'), there)
  }
  return result
}
