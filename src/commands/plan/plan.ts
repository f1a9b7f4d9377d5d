import { existingNodes } from '../../cluster/existing-nodes.ts'
import type { LoadedConfig } from '../../config/schema.ts'
import type { CliContext, CommandFunction } from '../../context.ts'
import type { Engine } from '../../engine/api.ts'
import { DevkError } from '../../errors.ts'
import { renderingKubectl } from '../../host/tools.ts'
import { findRegistry, registryPlace } from '../../images/registry/registry.ts'
import type { Kube, KubeObject } from '../../kube/api.ts'
import { noRegistry } from '../../platform/image-route.ts'
import { kitOffers } from '../../platform/kit.ts'
import { loadProject } from '../../project/load.ts'
import { openProject } from '../../project/open.ts'
import { type Demand, demands } from '../../stack/capacity/demand.ts'
import { fitOf, fits } from '../../stack/capacity/fit.ts'
import { fitLines, suggestion } from '../../stack/capacity/fit-report.ts'
import { readProject } from '../../state/projects.ts'
import { seenImages } from '../../state/seen-images.ts'
import { writeJson, writeText } from '../../terminal/output.ts'
import { presetDemands, roomFor, wantedObjects } from '../../up/fit.ts'
import { bringsToNodes } from '../../up/images/supplying.ts'
import { manifestsOf } from '../../up/manifests.ts'
import { prepare } from '../../up/prepare.ts'
import { projectCertifier } from '../../up/presets/certificates.ts'
import { presetReader } from '../../up/presets/read.ts'
import { planPresets } from './presets.ts'
import { reportOf } from './report.ts'
import type { PlannedFit, PlanReport } from './shape.ts'
import { planText } from './text.ts'

/** Flags of `devk plan`. */
export interface PlanFlags {
  readonly profile?: string
  readonly overlay?: string
}

/**
 * `devk plan`: shows what `up` would change, object by object, and which rules adapt the manifests to this machine.
 * Changes nothing. Throws CONFIG_INVALID, MANIFEST_INVALID and OBJECT_FOREIGN as `up` would.
 */
export const runPlan: CommandFunction<PlanFlags> = async (ctx, _args, flags) => {
  const report = await readPlan(ctx, flags)
  if (ctx.json) await writeJson(ctx.stdout, report)
  else await writeText(ctx.stdout, planText(report, { columns: ctx.columns, color: ctx.color }))
  return 0
}

/** Makes the report of `devk plan`. Throws what `runPlan` throws. */
export async function readPlan(ctx: CliContext, { profile, overlay }: PlanFlags): Promise<PlanReport> {
  const { env, paths, signal } = ctx
  const { config, chosen } = await loadProject(ctx, { profile, overlay })
  const tools = { runner: ctx.runner, bin: paths.bin, path: env.PATH ?? '', signal }
  const kubectl = await renderingKubectl(tools)
  const [kube, prefix] = await Promise.all([clusterOf(ctx, config), imagePrefix(ctx, config)])
  const certifier = projectCertifier(ctx, chosen, false)
  const presetManifests = presetReader(ctx, { config, chosen, kube }, signal)
  // Its failure is reported where the result is used.
  presetManifests().catch(() => {})
  const manifests = manifestsOf(ctx, config, { kube, kubectl, presets: presetManifests }, signal)
  const loads = (await nodesPull(ctx, config, kube)) ? undefined : bringsToNodes({ offersKit: kitOffers() })
  const compared = { config, kube, manifests, prefix, loads, only: undefined, certifier }
  const preparation = await prepare(ctx, compared, signal)
  const wanted = wantedObjects(preparation.prepared.plan)
  const fit = await fitFor(ctx, { config, kube, wanted, presets: kube === undefined ? presetDemands(chosen) : [] })
  const presets = await planPresets(
    config,
    chosen,
    {
      kube,
      engine: await runningEngine(ctx),
      seen: seenImages(paths.seenImages),
      manifests: presetManifests(),
      project: manifests.fitted,
      issuer: certifier?.issuer,
    },
    signal,
  )
  return { ...reportOf(config, kube !== undefined, preparation), presets, fit }
}

/** The project's cluster; undefined if it does not exist or does not answer, since `up` would create or start it. */
async function clusterOf(ctx: CliContext, config: LoadedConfig): Promise<Kube | undefined> {
  const record = await readProject(ctx.paths, config.name)
  if (record?.cluster.uid === undefined) return undefined
  try {
    return (await openProject({ ...ctx, project: config.name })).kube
  } catch (error) {
    const absent = error instanceof DevkError && ['CLUSTER_MISSING', 'CLUSTER_FOREIGN', 'KUBE_API'].includes(error.code)
    if (absent) return undefined
    throw error
  }
}

/** The registry that `up` would use in the names of built images. Starts nothing. */
async function imagePrefix(ctx: CliContext, config: LoadedConfig): Promise<string> {
  const { provider, project } = config.cluster
  if (provider === 'existing' && project === undefined) return config.cluster.registry ?? noRegistry
  const running = await ifRunning(findRegistry(ctx.engine(), registryPlace(ctx.paths), ctx.signal))
  return running?.host ?? 'localhost:5001'
}

/** Whether the nodes would pull all images themselves, as `readyRoute` decides it. */
async function nodesPull(ctx: CliContext, config: LoadedConfig, kube: Kube | undefined): Promise<boolean> {
  const { provider, project, registry } = config.cluster
  if (provider !== 'existing' || project !== undefined) return false
  if (registry !== undefined || kube === undefined) return registry !== undefined
  const nodes = await ifRunning(existingNodes(kube, ctx.engine(), true, ctx.signal))
  return nodes?.every(({ container }) => container === undefined) ?? true
}

interface FitOptions {
  readonly config: LoadedConfig
  readonly kube: Kube | undefined
  /** All objects of the stack after the plan. */
  readonly wanted: readonly KubeObject[]
  /** What the presets request; empty once there is a cluster. */
  readonly presets: readonly Demand[]
}

async function fitFor(ctx: CliContext, { config, kube, wanted, presets }: FitOptions): Promise<PlannedFit | null> {
  const engine = await ifRunning(ctx.engine().images.info(ctx.signal))
  const room = engine && (await roomFor(config, kube, engine, ctx.signal))
  if (room === undefined) return null
  const result = fitOf([...demands(wanted), ...presets], room)
  const { requested, available } = result
  const advice = fits(result) ? undefined : suggestion(wanted, room, config.scale, presets)
  return { fits: fits(result), requested, available, problems: fitLines(result), suggestion: advice ?? null }
}

async function runningEngine(ctx: CliContext): Promise<Engine | undefined> {
  const engine = ctx.engine()
  return (await ifRunning(engine.images.info(ctx.signal))) === undefined ? undefined : engine
}

/** undefined if no engine is running: a plan does not need one. */
async function ifRunning<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof DevkError && error.code === 'ENGINE_UNAVAILABLE') return undefined
    throw error
  }
}
