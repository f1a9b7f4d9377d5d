import type { AgentBinary } from '../agent/binary.ts'
import type { LoadedConfig } from '../config/schema.ts'
import type { CliContext } from '../context.ts'
import type { EngineInfo } from '../engine/image-api.ts'
import { parseDuration } from '../lib/duration.ts'
import { agentProgram } from '../platform/agent.ts'
import { withClusterDns } from '../platform/cluster-dns.ts'
import { untilFresh } from '../platform/fresh-status.ts'
import { type BeforeCluster, type Platform, readyPlatform } from '../platform/platform.ts'
import type { Preset } from '../presets/folder.ts'
import type { LoadedProject } from '../project/load.ts'
import type { Desired } from '../stack/desired/desired.ts'
import { serviceWarnings } from '../stack/service-warnings.ts'
import { readAgreedHosts } from '../state/agreed-hosts.ts'
import type { ProjectRecord } from '../state/projects.ts'
import { type ConvergeHooks, type PresetOutcome, type Progress, stepIfSlow } from '../terminal/progress.ts'
import { fetchRemote, usesCharts } from './charts.ts'
import { type Converge, converger } from './converger.ts'
import { requireFitBefore } from './fit.ts'
import { nameHost } from './host-name.ts'
import { imagesBeforeCluster } from './images/before-cluster.ts'
import { type EarlyImages, earlyImages } from './images/early.ts'
import type { ImageWork } from './images/work.ts'
import { lastGood } from './last-good.ts'
import { withForwards } from './limit.ts'
import { manifestsOf } from './manifests.ts'
import type { BringUpOptions } from './options.ts'
import { agreeToHosts } from './presets/agree-hosts.ts'
import { withPresets } from './presets/alongside.ts'
import { projectCertifier } from './presets/certificates.ts'
import { hasSources, presetReader } from './presets/read.ts'

/** How long nodes may take to report after a restart of the engine. */
const patienceMs = 120_000

/** A stack that is up. */
export interface StackUp {
  /** Its forwards are limited to the services and externals of `only`. */
  readonly desired: Desired
  readonly outcomes: readonly PresetOutcome[]
  /** Presets that are ready. */
  readonly presets: readonly Preset[]
  /** Objects written or deleted, and images built. */
  readonly changes: number
  /** Where devk deviated from the manifests, and which Services still lack an address; in sentences. */
  readonly notes: readonly string[]
}

/** A platform that is up, and how to bring up the stack on it. */
export interface StackStart {
  readonly platform: Platform
  /** Names on the internet for which the user lets devk issue certificates; undefined if no preset asks for any. */
  readonly agreedHosts: readonly string[] | undefined
  /** The program of the agents on the nodes. */
  readonly agent: () => Promise<AgentBinary>
  /** Wall clock, ms. Files saved after it may be missing in the images. */
  readonly since: number
  /** For later changes. It shows no progress. */
  readonly converge: Converge
  /**
   * Installs the presets and brings up the stack of this configuration, at the same time. Each call reads the sources
   * again. Throws what either throws.
   */
  bring(config: LoadedConfig, signal: AbortSignal): Promise<StackUp>
}

/** A stack that was compared with the cluster. */
export interface Prepared {
  readonly desired: Desired
  readonly works: readonly ImageWork[]
}

/** What to bring up. */
export interface StackInput {
  readonly project: LoadedProject
  /** Services and externals to bring up; undefined: all. */
  readonly only: ReadonlySet<string> | undefined
  /** The project's record from an earlier `up`. */
  readonly before: ProjectRecord | undefined
  readonly options: Pick<BringUpOptions, 'fit' | 'timeout' | 'pruneData' | 'stays'>
  readonly progress: Progress
  /** Called when the comparison with the cluster is known, before the stack is applied. */
  readonly onPrepared: (platform: Platform, prepared: Prepared) => Promise<void>
  /** Called when every image of the stack is available, so that only pods are waited for. */
  readonly onSupplied: () => void
}

/** Brings up the platform. Throws what `readyPlatform` and the checks before a new cluster throw. */
export async function startStack(ctx: CliContext, input: StackInput): Promise<StackStart> {
  const early = earlyImages(ctx.signal)
  try {
    return await startWith(early, ctx, input)
  } catch (error) {
    await early.stop()
    throw error
  }
}

async function startWith(early: EarlyImages, ctx: CliContext, input: StackInput): Promise<StackStart> {
  const { only, options, progress } = input
  const { config, chosen } = input.project
  const { fit, pruneData } = options
  const { signal } = ctx
  const hostPorts = chosen.flatMap((preset) => preset.hostPorts)
  const since = ctx.clock()
  const presetsBefore = presetReader(ctx, { config, chosen, kube: undefined }, signal)
  const manifestsBefore = manifestsOf(ctx, config, { kube: undefined, presets: presetsBefore }, signal)
  // Both are read while the cluster starts. Their failures are reported where the results are used.
  if (!hasSources(chosen)) presetsBefore().catch(() => {})
  const hasCharts = usesCharts(config)
  const agent = agentProgram(ctx)
  const beforeCluster = async (engine: EngineInfo) => {
    manifestsBefore.written().catch(() => {})
    if (options.stays) agent().catch(() => {})
    if (fit) await requireFitBefore(ctx, config, { manifests: manifestsBefore, engine, only, presets: chosen })
  }
  const onCreate = (before: BeforeCluster) =>
    early.begin(imagesBeforeCluster(ctx, { config, manifests: manifestsBefore, only }, before))
  const platform = await readyPlatform(ctx, config, { progress, wantedPorts: hostPorts, beforeCluster, onCreate })
  const { kube, nodes } = platform
  const presets = hasSources(chosen) ? presetReader(ctx, { config, chosen, kube }, signal) : presetsBefore
  const onCluster = (current = config) => manifestsOf(ctx, current, { kube, presets, fetch: fetchRemote(ctx) }, signal)
  const containers = platform.supply.engine.containers
  await stepIfSlow(progress, 'Nodes', 'reported', (onReason) =>
    untilFresh({ project: config.name, kube, containers, nodes, timeoutMs: patienceMs, signal, onReason }),
  )
  const host = await nameHost(config, { kube, timeoutMs: patienceMs, signal, clock: ctx.clock })
  const timeoutMs = options.timeout ?? parseDuration(config.timeout) ?? 600_000
  const certifier = projectCertifier(ctx, chosen, true)
  if (certifier !== undefined) await agreeToHosts(ctx, { config, certifier, kube, rendered: manifestsBefore.fitted })
  const converging = { config, platform, timeoutMs, only, fit, certifier, lastGood: lastGood() }
  let attempts = 0
  const bring: StackStart['bring'] = async (current, either) => {
    attempts += 1
    const manifests = attempts === 1 && !(await hasCharts) ? manifestsBefore : onCluster(current)
    const { prepare, apply } = converger(ctx, {
      ...converging,
      config: current,
      manifests: () => manifests,
      hooks: progress.hooks,
      early,
      onPrepared: (desired, works) => input.onPrepared(platform, { desired: withForwards(desired, only), works }),
      onSupplied: input.onSupplied,
    })
    const installing = {
      config: current,
      platform,
      chosen,
      manifests: presets(),
      project: manifests.fitted,
      issuer: certifier?.issuer,
      timeoutMs,
      pruneData,
      clock: ctx.clock,
      hooks: progress.presets,
    }
    const hadPresets = pruneData || attempts > 1 || (input.before?.presets.length ?? 0) > 0
    const onReason = (reason: string | undefined) => {
      const about = { name: 'DNS', unit: 'cluster' }
      progress.hooks.onEvent(reason === undefined ? { type: 'ready', ...about } : { type: 'waiting', ...about, reason })
    }
    const dns = { kube, nodes, timeoutMs, signal: either, onReason }
    const { stack, outcomes, removed } = await withClusterDns(dns, () =>
      withPresets(installing, hadPresets, { prepare, apply }, either),
    ).finally(early.stop)
    await host.ready()
    // An attempt that was interrupted has changed something, though it is not known how much.
    const written = stack.changes + removed + host.changes + outcomes.reduce((sum, outcome) => sum + outcome.changes, 0)
    const ready = new Set(outcomes.filter(({ state }) => state === 'ready').map(({ name }) => name))
    return {
      desired: withForwards(stack.desired, only),
      outcomes,
      presets: chosen.filter(({ name }) => ready.has(name)),
      changes: written + (attempts > 1 ? 1 : 0),
      notes: [
        ...stack.notes,
        ...platform.standIns,
        ...host.notes,
        ...(await serviceWarnings(platform.kube, config.name, config.cluster.provider, either)),
      ],
    }
  }
  return {
    platform,
    agreedHosts: certifier === undefined ? undefined : await readAgreedHosts(ctx.paths.agreedHosts),
    agent,
    since,
    converge: converger(ctx, { ...converging, manifests: onCluster, hooks: quiet }),
    bring,
  }
}

const quiet: ConvergeHooks = { image: (_owner, run) => run(() => {}), onEvent: () => {} }
