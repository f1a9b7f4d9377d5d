import type { CliContext } from '../context.ts'
import { parseDuration } from '../lib/duration.ts'
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
import { manifestsOf } from './manifests.ts'
import type { BringUpOptions } from './options.ts'
import { besidePresets } from './presets/alongside.ts'
import { projectCertifier } from './presets/certificates.ts'

/** A stack that is up, with what a loop on it needs. */
export interface StackUp {
  readonly platform: Platform
  /** With the forwards of what was asked for. */
  readonly desired: Desired
  readonly outcomes: readonly PresetOutcome[]
  /** Presets that are ready. */
  readonly presets: readonly Preset[]
  /** Objects written or deleted, and images built. */
  readonly changes: number
  /** What was done in another way than the manifests say, and what still lacks an address. */
  readonly notes: readonly string[]
  /** Whether a local authority issues certificates. */
  readonly certified: boolean
  /** For later changes; it shows no progress of its own. */
  readonly converge: Converge
  /** Wall clock, ms: what was saved after it is not in the images yet. */
  readonly since: number
}

export interface StackWork {
  readonly project: LoadedProject
  /** Services and externals to care for; undefined: all. */
  readonly only: ReadonlySet<string> | undefined
  /** The record of an earlier up. */
  readonly before: ProjectRecord | undefined
  readonly options: Pick<BringUpOptions, 'fit' | 'timeout' | 'pruneData'>
}

/** Brings up the platform, then presets and stack beside each other. Throws what any of them throws. */
export async function stackUp(ctx: CliContext, { project, only, before, options }: StackWork): Promise<StackUp> {
  const { config, chosen } = project
  const { fit, pruneData } = options
  const { signal } = ctx
  const progress = progressOf(ctx)
  const hostPorts = chosen.flatMap((preset) => preset.hostPorts)
  const since = ctx.clock()
  const manifests = manifestsOf(ctx, config, signal)
  const presetManifests = readManifests(chosen)
  // Both are read while the cluster is made or found; what is wrong with them is told where they are used.
  presetManifests.catch(() => {})
  const platform = await readyPlatform(ctx, config, progress, hostPorts, async (engine) => {
    manifests.written().catch(() => {})
    if (fit) await requireFitBefore(ctx, config, { manifests, engine, only, presets: chosen })
  })
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
    () => besidePresets(installing, hadPresets, { prepare, apply }, signal),
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
    converge: converger(ctx, { ...converging, manifests: () => manifestsOf(ctx, config, signal), hooks: quiet }),
    since,
  }
}

const quiet: ConvergeHooks = { image: (_owner, run) => run(() => {}), onEvent: () => {} }
