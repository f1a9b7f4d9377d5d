import { clusterSpec } from '../cluster/spec.ts'
import type { LoadedConfig } from '../config/schema.ts'
import type { CliContext } from '../context.ts'
import type { EngineInfo } from '../engine/image-api.ts'
import type { Kube, KubeObject } from '../kube/api.ts'
import { bytesOf, milliCpuOf } from '../lib/quantity.ts'
import { noRegistry } from '../platform/image-route.ts'
import type { Preset } from '../presets/folder.ts'
import { constraintsOf } from '../stack/capacity/constraints.ts'
import type { Amount, Demand } from '../stack/capacity/demand.ts'
import { requireFit } from '../stack/capacity/fit-report.ts'
import type { Room } from '../stack/capacity/room.ts'
import { plannedRoom, readRoom } from '../stack/capacity/room.ts'
import type { Plan } from '../stack/plan.ts'
import { readProject } from '../state/projects.ts'
import { type PrepareOptions, prepare } from './prepare.ts'

/** The names of architectures in Kubernetes, by the engine's name where it differs. */
const architectures: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' }

/** The CPU and memory of the machine that the engine runs on. */
function machineOf({ cpus, memoryBytes }: EngineInfo): Amount {
  return { cpu: cpus * 1000, memory: memoryBytes }
}

/**
 * The room for the stack on the nodes of the cluster, or on those of a new cluster when `kube` is undefined. undefined
 * for an existing cluster: its nodes may change, and the user may lack the right to list them. Throws KUBE_API.
 */
export async function roomFor(
  config: LoadedConfig,
  kube: Kube | undefined,
  engine: EngineInfo,
  signal: AbortSignal,
): Promise<Room | undefined> {
  if (config.cluster.provider === 'existing') return undefined
  const machine = machineOf(engine)
  return kube === undefined
    ? plannedRoom(clusterSpec(config, ''), machine, architectures[engine.arch] ?? engine.arch)
    : readRoom(kube, config.name, machine, signal)
}

/**
 * Throws HOST_UNFIT when the stack does not fit on the cluster that is about to be created. A cluster that exists is
 * checked later.
 */
export async function requireFitBefore(
  ctx: CliContext,
  config: LoadedConfig,
  options: Pick<PrepareOptions, 'manifests' | 'only'> & {
    readonly engine: EngineInfo
    readonly presets: readonly Preset[]
  },
): Promise<void> {
  const { signal } = ctx
  const record = await readProject(ctx.paths, config.name)
  const room = record?.cluster.uid === undefined ? await roomFor(config, undefined, options.engine, signal) : undefined
  if (room === undefined) return
  const { manifests, only, presets } = options
  const { prepared } = await prepare(ctx, { config, kube: undefined, manifests, prefix: noRegistry, only }, signal)
  requireFit(wantedObjects(prepared.plan), room, config.scale, presetDemands(presets))
}

/** Throws HOST_UNFIT when the workloads of a plan do not fit on the nodes of the cluster, and KUBE_API. */
export async function requireFitOf(
  plan: Plan,
  { config, kube, engine }: { config: LoadedConfig; kube: Kube; engine: EngineInfo },
  signal: AbortSignal,
): Promise<void> {
  const room = await roomFor(config, kube, engine, signal)
  if (room !== undefined) requireFit(wantedObjects(plan), room, config.scale)
}

/** The resources that presets declare, each preset as one pod. */
export function presetDemands(presets: readonly Preset[]): Demand[] {
  return presets.flatMap(({ name, resources }): Demand[] => {
    if (resources === undefined) return []
    const each = { cpu: milliCpuOf(resources.cpu), memory: bytesOf(resources.memory) }
    return [{ ...anywhere, workload: `preset ${name}`, each }]
  })
}

/** A pod that can run on any node without taints. */
const anywhere = {
  pods: 1,
  nodeSelector: {},
  tolerations: [],
  namespace: '',
  labels: {},
  ...constraintsOf({ spec: { containers: [] } }),
} as const

/** All objects that exist once the plan is applied. */
export function wantedObjects({ actions }: Plan): KubeObject[] {
  return actions.flatMap((action) => ('wanted' in action ? [action.wanted.object] : []))
}
