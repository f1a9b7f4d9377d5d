import { DevkError } from '../errors.ts'
import { count } from '../lib/text.ts'
import type { ClusterSpec, HostPort, NodeSpec } from './provider.ts'

type Shape = Omit<ClusterSpec, 'project' | 'name' | 'image' | 'pinned'> & {
  /** Absent in what older versions of devk wrote. */
  readonly image?: string
}

/** The settings of a cluster that cannot be changed after its creation, as text for the journal. */
export function shapeOf(spec: ClusterSpec): string {
  const { nodes, ports, podSubnet, serviceSubnet, kubeadmPatches, image, mount, encryptSecrets, minikube } = spec
  const optional = {
    ...(mount === undefined ? {} : { mount }),
    ...(encryptSecrets === undefined ? {} : { encryptSecrets }),
    ...(minikube === undefined ? {} : { minikube }),
  }
  return JSON.stringify({ nodes, ports, podSubnet, serviceSubnet, kubeadmPatches, image, ...optional } satisfies Shape)
}

/** The port mappings in the text of `shapeOf`. */
export function portsOf(shape: string): readonly HostPort[] {
  return (JSON.parse(shape) as Shape).ports
}

/** The nodes in the text of `shapeOf`; [] without a text. */
export function nodesOf(shape: string | undefined): readonly NodeSpec[] {
  return shape === undefined ? [] : (JSON.parse(shape) as Shape).nodes
}

/** How a cluster with the shape `before` differs from the specification, as sentences; [] when it does not. */
export function shapeDrift(before: string, spec: ClusterSpec): string[] {
  const old = JSON.parse(before) as Shape
  const drift: string[] = []
  for (const role of ['control-plane', 'worker'] as const) {
    const [existing, wanted] = [old, spec].map(({ nodes }) => nodes.filter((node) => node.role === role))
    const noun = role === 'worker' ? 'worker' : 'control plane'
    if (existing?.length !== wanted?.length)
      drift.push(`it has ${count(existing?.length ?? 0, noun)}, not ${wanted?.length}`)
    else if (differ(existing, wanted)) drift.push(`labels, zones, taints or sizes of its ${noun}s differ`)
  }
  // Mappings of presets may differ. Presets use those that the cluster has.
  const pairs = (shape: Shape) => shape.ports.flatMap(({ host, node, preset }) => (preset ? [] : [`${host}:${node}`]))
  const lacks = pairs(spec).filter((pair) => !pairs(old).includes(pair))
  const extra = pairs(old).filter((pair) => !pairs(spec).includes(pair))
  if (lacks.length > 0) drift.push(`it does not map ${lacks.join(', ')}`)
  if (extra.length > 0) drift.push(`it maps ${extra.join(', ')}`)
  for (const key of ['podSubnet', 'serviceSubnet', 'kubeadmPatches', 'mount', 'encryptSecrets'] as const) {
    if (differ(old[key], spec[key])) drift.push(`its ${key} differs`)
  }
  return [...drift, ...versionDrift(old, spec)]
}

/** Drift of what runs on the nodes. An older devk did not note it, and a default may change without the user. */
function versionDrift(old: Shape, { pinned, minikube }: ClusterSpec): string[] {
  const drift: string[] = []
  if (pinned?.image !== undefined && old.image && old.image !== pinned.image)
    drift.push(`its nodes run the image ${old.image}, not ${pinned.image}`)
  if (minikube === undefined || old.minikube === undefined) return drift
  const version = pinned?.kubernetesVersion
  if (version !== undefined && old.minikube.kubernetesVersion !== version)
    drift.push(`it runs Kubernetes ${old.minikube.kubernetesVersion ?? 'of another version'}, not ${version}`)
  for (const key of ['cni', 'startArgs'] as const) {
    const [from, to] = [old.minikube[key], minikube[key]].map((value) => JSON.stringify(value) ?? 'the default')
    if (from !== to) drift.push(`its ${key} is ${from}, not ${to}`)
  }
  return drift
}

/** Throws CLUSTER_FAILED with the differences, since nodes and ports cannot be changed after the creation. */
export function requireShape(before: string | undefined, spec: ClusterSpec): void {
  const drift = before === undefined ? [] : shapeDrift(before, spec)
  if (drift.length === 0) return
  throw new DevkError('CLUSTER_FAILED', `The cluster ${spec.name} differs from the configuration`, {
    details: [...drift, 'These settings cannot be changed after a cluster is created. Nothing was changed.'],
    hint:
      'To create it again, run devk down, then devk up: all objects of the cluster and the data in its volumes are ' +
      'lost, built images are not. Or undo the change.',
  })
}

function differ(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) !== JSON.stringify(b)
}
