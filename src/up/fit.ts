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

/** The engine's words for what Kubernetes calls otherwise. */
const architectures: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' }

/** The machine below the engine. */
function machineOf({ cpus, memoryBytes }: EngineInfo): Amount {
  return { cpu: cpus * 1000, memory: memoryBytes }
}

/**
 * The room for the stack: that of the cluster, or that which a new one would have. undefined for an existing cluster, whose nodes may
 * come and go, and may not be for everybody to see.
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

/** Throws HOST_UNFIT before a cluster is made on which the stack could never start; one that is there is asked later, as it is. */
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

/** Throws HOST_UNFIT when what a plan wants could never start on the nodes of a cluster that is there. */
export async function requireFitOf(
  plan: Plan,
  { config, kube, engine }: { config: LoadedConfig; kube: Kube; engine: EngineInfo },
  signal: AbortSignal,
): Promise<void> {
  const room = await roomFor(config, kube, engine, signal)
  if (room !== undefined) requireFit(wantedObjects(plan), room, config.scale)
}

/** What presets say that they need, each as one pod. */
export function presetDemands(presets: readonly Preset[]): Demand[] {
  return presets.flatMap(({ name, resources }): Demand[] => {
    if (resources === undefined) return []
    const each = { cpu: milliCpuOf(resources.cpu), memory: bytesOf(resources.memory) }
    return [{ ...anywhere, workload: `preset ${name}`, each }]
  })
}

/** One pod that goes to any node without taints. */
const anywhere = {
  pods: 1,
  nodeSelector: {},
  tolerations: [],
  namespace: '',
  labels: {},
  ...constraintsOf({ spec: { containers: [] } }),
} as const

/** All objects that are to be there once the plan is carried out. */
export function wantedObjects({ actions }: Plan): KubeObject[] {
  return actions.flatMap((action) => ('wanted' in action ? [action.wanted.object] : []))
}
