import { DevkError } from '../errors.ts'
import { count } from '../lib/text.ts'
import type { ClusterSpec, HostPort, NodeSpec } from './provider.ts'

type Shape = Omit<ClusterSpec, 'project' | 'name' | 'image'>

/** What cannot be changed about a cluster once it is made, as text for the journal. */
export function shapeOf({ nodes, ports, podSubnet, serviceSubnet, kubeadmPatches }: ClusterSpec): string {
  return JSON.stringify({ nodes, ports, podSubnet, serviceSubnet, kubeadmPatches } satisfies Shape)
}

/** The port mappings of a cluster, from what `shapeOf` wrote. */
export function portsOf(shape: string): readonly HostPort[] {
  return (JSON.parse(shape) as Shape).ports
}

/** The nodes of a cluster, from what `shapeOf` wrote; [] where nothing was written. */
export function nodesOf(shape: string | undefined): readonly NodeSpec[] {
  return shape === undefined ? [] : (JSON.parse(shape) as Shape).nodes
}

/** How a cluster that was made as `before` differs from what is asked for now; [] when it fits. */
export function shapeDrift(before: string, spec: ClusterSpec): string[] {
  const old = JSON.parse(before) as Shape
  const drift: string[] = []
  for (const role of ['control-plane', 'worker'] as const) {
    const [had, wants] = [old, spec].map(({ nodes }) => nodes.filter((node) => node.role === role))
    const noun = role === 'worker' ? 'worker' : 'control plane'
    if (had?.length !== wants?.length) drift.push(`it has ${count(had?.length ?? 0, noun)}, not ${wants?.length}`)
    else if (differ(had, wants)) drift.push(`labels, zones, taints or sizes of its ${noun}s are others`)
  }
  // What presets asked for when it was made may be more or less than they ask for now; they make do with it.
  const pairs = (shape: Shape) => shape.ports.flatMap(({ host, node, preset }) => (preset ? [] : [`${host}:${node}`]))
  const lacks = pairs(spec).filter((pair) => !pairs(old).includes(pair))
  const extra = pairs(old).filter((pair) => !pairs(spec).includes(pair))
  if (lacks.length > 0) drift.push(`it does not map ${lacks.join(', ')}`)
  if (extra.length > 0) drift.push(`it maps ${extra.join(', ')}`)
  for (const key of ['podSubnet', 'serviceSubnet', 'kubeadmPatches'] as const) {
    if (differ(old[key], spec[key])) drift.push(`its ${key} is another`)
  }
  return drift
}

/** Throws CLUSTER_FAILED with the differences, since nodes and ports of a kind cluster are fixed when it is made. */
export function requireShape(before: string | undefined, spec: ClusterSpec): void {
  const drift = before === undefined ? [] : shapeDrift(before, spec)
  if (drift.length === 0) return
  throw new DevkError('CLUSTER_FAILED', `The cluster ${spec.name} is not as the configuration says`, {
    details: [...drift, 'These are fixed when a cluster is made. Nothing was changed.'],
    hint: 'Run devk down, then devk up, to make it anew; or take the change back.',
  })
}

function differ(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) !== JSON.stringify(b)
}
