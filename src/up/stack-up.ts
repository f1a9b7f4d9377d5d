import type { AgentBinary } from '../agent/binary.ts'
import type { CliContext } from '../context.ts'
import type { EngineInfo } from '../engine/image-api.ts'
import { parseDuration } from '../lib/duration.ts'
import { agentProgram } from '../platform/agent.ts'
import { type Platform, readyPlatform } from '../platform/platform.ts'
import type { Preset } from '../presets/folder.ts'
import { readManifests } from '../presets/manifests.ts'
import type { LoadedProject } from '../project/load.ts'
import { withoutAddress } from '../stack/balancers.ts'
import type { Desired } from '../stack/desired/desired.ts'
import type { ProjectRecord } from '../state/projects.ts'
import { progressOf } from '../terminal/choose-progress.ts'
import type { ConvergeHooks, PresetOutcome } from '../terminal/progress.ts'
import { type Converge, converger } from './converger.ts'
import { requireFitBefore } from './fit.ts'
import type { ImageWork } from './images/wanted.ts'
import { manifestsOf } from './manifests.ts'
import type { BringUpOptions } from './options.ts'
import { withPresets } from './presets/alongside.ts'
import { projectCertifier } from './presets/certificates.ts'

/** A stack that is up, and what the loop needs to keep it up to date. */
export interface StackUp {
  readonly platform: Platform
  /** Its forwards are limited to the services and externals of `only`. */
  readonly desired: Desired
  readonly outcomes: readonly PresetOutcome[]
  /** Presets that are ready. */
  readonly presets: readonly Preset[]
  /** Objects written or deleted, and images built. */
  readonly changes: number
  /** Where devk deviated from the manifests, and which Services still lack an address; in sentences. */
  readonly notes: readonly string[]
  /** Whether a local authority issues certificates. */
  readonly certified: boolean
  /** The images that the stack runs. */
  readonly works: readonly ImageWork[]
  /** The program of the agents on the nodes. */
  readonly agent: () => Promise<AgentBinary>
  /** For later changes. It shows no progress. */
  readonly converge: Converge
  /** Wall clock, ms. Files saved after it are not in the images. */
  readonly since: number
}

/** What to bring up. */
export interface StackInput {
  readonly project: LoadedProject
  /** Services and externals to bring up; undefined: all. */
  readonly only: ReadonlySet<string> | undefined
  /** The project's record from an earlier `up`. */
  readonly before: ProjectRecord | undefined
  readonly options: Pick<BringUpOptions, 'fit' | 'timeout' | 'pruneData' | 'stays'>
}

/** Brings up the platform, then the presets and the stack at the same time. Throws what any of them throws. */
export async function stackUp(ctx: CliContext, { project, only, before, options }: StackInput): Promise<StackUp> {
  const { config, chosen } = project
  const { fit, pruneData } = options
  const { signal } = ctx
  const progress = progressOf(ctx)
  const hostPorts = chosen.flatMap((preset) => preset.hostPorts)
  const since = ctx.clock()
  const presetManifests = readManifests(chosen)
  const early = manifestsOf(ctx, config, { kube: undefined, presets: presetManifests }, signal)
  // Both are read while the cluster starts. Their failures are reported where the results are used.
  presetManifests.catch(() => {})
  const agent = agentProgram(ctx)
  const beforeCluster = async (engine: EngineInfo) => {
    early.written().catch(() => {})
    if (options.stays) agent().catch(() => {})
    if (fit) await requireFitBefore(ctx, config, { manifests: early, engine, only, presets: chosen })
  }
  const platform = await readyPlatform(ctx, config, { progress, wantedPorts: hostPorts, beforeCluster })
  const onCluster = (current = config) =>
    manifestsOf(ctx, current, { kube: platform.kube, presets: presetManifests }, signal)
  // Only charts depend on the cluster.
  const manifests = config.deploy.helm.length > 0 ? onCluster() : early
  const timeoutMs = options.timeout ?? parseDuration(config.timeout) ?? 600_000
  const certifier = projectCertifier(ctx, chosen, true)
  const converging = { config, platform, timeoutMs, only, fit, certifier }
  const { prepare, apply } = converger(ctx, { ...converging, manifests: () => manifests, hooks: progress.hooks })
  const installing = {
    config,
    platform,
    chosen,
    manifests: presetManifests,
    project: manifests.fitted,
    issuer: certifier?.issuer,
    timeoutMs,
    pruneData,
    clock: ctx.clock,
    hooks: progress.presets,
  }
  const hadPresets = pruneData || (before?.presets.length ?? 0) > 0
  const { stack, outcomes, removed } = await progress.stack(
    () => withPresets(installing, hadPresets, { prepare, apply }, signal),
    chosen.map(({ name }) => name),
  )
  const { desired, notes } = stack
  const ready = new Set(outcomes.filter(({ state }) => state === 'ready').map(({ name }) => name))
  return {
    platform,
    desired: { ...desired, forwards: desired.forwards.filter(({ name }) => only?.has(name) ?? true) },
    outcomes,
    presets: chosen.filter(({ name }) => ready.has(name)),
    changes: stack.changes + removed + outcomes.reduce((sum, outcome) => sum + outcome.changes, 0),
    notes: [...notes, ...(await withoutAddress(platform.kube, config.name, config.cluster.provider, signal))],
    certified: certifier !== undefined,
    works: stack.works,
    agent,
    converge: converger(ctx, { ...converging, manifests: onCluster, hooks: quiet }),
    since,
  }
}

const quiet: ConvergeHooks = { image: (_owner, run) => run(() => {}), onEvent: () => {} }
