import type { KubeObject } from '../../../src/kube/api.ts'
import { definitionOf, historyKinds, objectOf, type Part } from './kinds.ts'
import type { Random } from './random.ts'

/** The manifests of a project at one step of its history. */
export type Manifests = readonly Part[]

const kinds = Object.keys(historyKinds)
const alike: readonly (readonly string[])[] = [
  ['ConfigMap', 'Secret'],
  ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'],
  ['Role', 'RoleBinding', 'ServiceAccount'],
]

/** The two namespaces of a project. */
export const namespacesOf = (project: string): readonly string[] => [`${project}-one`, `${project}-two`]

/** The manifests of the first step. */
export function firstManifests(random: Random): Manifests {
  return unique(Array.from({ length: random.int(2, 8) }, () => randomPart(random)))
}

/** The manifests after one to three edits. */
export function nextManifests(random: Random, before: Manifests): Manifests {
  let parts = [...before]
  for (let left = random.int(1, 3); left > 0; left -= 1) {
    const part = parts.length === 0 ? randomPart(random) : random.pick(parts)
    parts = [...parts.filter((other) => other !== part), ...edited(random, part)]
  }
  return unique(parts)
}

/** What one edit makes of a part; nothing when it removes the part. */
function edited(random: Random, part: Part): Part[] {
  const edits: (() => Part[])[] = [
    () => [],
    () => [part, randomPart(random)],
    () => [{ ...part, name: name(random) }],
    () => [{ ...part, namespace: part.namespace === 'one' ? 'two' : 'one' }],
    () => [{ ...part, kind: random.pick(alike.find((group) => group.includes(part.kind)) ?? kinds) }],
    () => [{ ...part, content: random.text(5) }],
    () => [{ ...part, fixed: part.fixed === 'a' ? 'b' : 'a' }],
    () => [{ ...part, content: random.text(5), fixed: part.fixed === 'a' ? 'b' : 'a' }],
  ]
  return random.pick(edits)()
}

// Few names, so that an object often takes the place that another one has left.
const name = (random: Random) => random.pick(['web', 'api', 'db', 'cache'])

function randomPart(random: Random): Part {
  return {
    kind: random.pick(kinds),
    name: name(random),
    namespace: random.pick(['one', 'two']),
    content: random.text(5),
    fixed: random.pick(['a', 'b']),
  }
}

/** Without parts that describe the same object as an earlier one. */
function unique(parts: readonly Part[]): Manifests {
  const place = (part: Part) => {
    const isClusterScoped = historyKinds[part.kind]?.isClusterScoped === true
    return [part.kind, part.name, isClusterScoped ? '' : part.namespace].join(' ')
  }
  return [...new Map(parts.map((part) => [place(part), part])).values()]
}

/** The objects that the manifests describe. */
export function objectsOf(parts: Manifests, project: string): KubeObject[] {
  const namespaces = namespacesOf(project).map((each) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: each },
  }))
  const described = parts.map((part) => objectOf({ ...part, namespace: `${project}-${part.namespace}` }, project))
  const hasThing = parts.some(({ kind }) => kind === 'Thing')
  return [...namespaces, ...(hasThing ? [definitionOf(project)] : []), ...described]
}
