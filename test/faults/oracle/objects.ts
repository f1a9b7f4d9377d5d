import type { KubeObject } from '../../../src/kube/api.ts'

/** The parts of an object that do not depend on when and under which name of the project it was created. */
export function comparable(object: KubeObject, project: string): unknown {
  const { labels = {}, annotations = {}, name, namespace } = object.metadata
  const { 'devk.dev/hash': _, ...kept } = labels
  const {
    'deployment.kubernetes.io/revision': _revision,
    'deprecated.daemonset.template.generation': _g,
    ...notes
  } = annotations
  const { metadata: _metadata, status: _status, ...rest } = object
  const stable = JSON.stringify({ ...rest, metadata: { name, namespace, labels: kept, annotations: notes } }, skipped)
  return JSON.parse(project === '' ? stable : stable.replaceAll(project, 'PROJECT'))
}

/** Fields that the API server fills with values of its own. */
const assigned = new Set(['clusterIP', 'clusterIPs', 'nodePort', 'volumeName', 'devk.dev/inputs', 'devk.dev/mounts'])

function skipped(key: string, value: unknown): unknown {
  // Of a cluster IP only `None` is a decision of the manifest.
  return assigned.has(key) && value !== 'None' ? undefined : value
}

/** The name of an object in messages and sets: `ConfigMap ns/name`. */
export function keyOf({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`
}

/** What is in the first list and not in the second. */
export function without(list: Iterable<string>, others: Iterable<string>): string[] {
  const set = new Set(others)
  return [...list].filter((item) => !set.has(item)).sort()
}
