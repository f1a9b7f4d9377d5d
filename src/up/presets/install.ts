import type { LoadedConfig } from '../../config/schema.ts'
import { DevkError } from '../../errors.ts'
import type { KubeObject } from '../../kube/api.ts'
import { fullName } from '../../lib/image-reference.ts'
import { inParallel } from '../../lib/parallel.ts'
import { retried } from '../../lib/retry.ts'
import type { RenderedObject } from '../../manifests/rendered.ts'
import type { Platform } from '../../platform/platform.ts'
import type { Preset } from '../../presets/folder.ts'
import type { PresetManifests } from '../../presets/manifests.ts'
import { imagesOf } from '../../presets/render.ts'
import type { Issuer } from '../../presets/tls/issuer.ts'
import type { ConvergeDeps } from '../../stack/converge.ts'
import { imagesOfWrites } from '../../stack/plan.ts'
import { setClusterNames } from '../../stack/presets/cluster-names.ts'
import { installPreset, type PresetPart, type PresetStack, presetPlan } from '../../stack/presets/presets.ts'
import { untilPresent } from '../../stack/presets/wait.ts'
import type { PresetHooks, PresetOutcome } from '../../terminal/progress.ts'
import { imagesAtOnce } from '../images/work.ts'
import { presetImages } from './images.ts'

/** The presets of a project and what they are installed with. */
export interface PresetOptions {
  readonly config: LoadedConfig
  readonly platform: Platform
  readonly chosen: readonly Preset[]
  /** The manifests of each preset, as its files describe them. */
  readonly manifests: Promise<PresetManifests>
  /** The project's own objects, as its manifests describe them. */
  readonly project: () => Promise<readonly RenderedObject[]>
  /** Issues certificates for the hosts; undefined: no preset asks for them. */
  readonly issuer: Issuer | undefined
  readonly timeoutMs: number
  /** Also delete the volume claims of presets that are no longer wanted. */
  readonly pruneData: boolean
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  readonly hooks: PresetHooks
}

/** Presets that were compared with the cluster, and what installing them needs. */
export interface Installation {
  readonly options: PresetOptions
  readonly stack: PresetStack
  readonly parts: readonly PresetPart[]
  readonly render: (preset: Preset, images: ReadonlyMap<string, string>) => PresetPart
  readonly written: ReadonlyMap<string, readonly RenderedObject[]>
  /** Hosts of the project that the ingress serves. */
  readonly hosts: readonly string[]
}

/** The result of installing a preset. */
interface Installed {
  /** Objects that were written. */
  readonly changes: number
  /** The version that runs. */
  readonly version: string
}

/** How long a preset may take to become ready. Building its images is not included. */
export const patienceMs = 300_000

/**
 * Applies the namespaces and definitions of a preset, which other manifests may need. Returns how many objects were
 * written, or the failure.
 */
export function installDefinitions(
  installation: Installation,
  part: PresetPart,
  signal: AbortSignal,
): Promise<number | PresetOutcome> {
  const planned = presetPlan(installation.stack, part, 'definitions')
  // They are ready within a second or two. Showing each would hide more important lines.
  const quiet = { ...depsOf(installation, part.preset, signal), onEvent: () => {} }
  return failureOf(part.preset, () => installPreset(installation.stack, planned, quiet), signal)
}

/** Pauses before a preset that failed is tried again. */
const pausesMs = [2000, 10_000]

/**
 * Brings a preset's images to the nodes, applies the rest of its objects, and waits until it is ready. Failures are
 * tried again, except pods that do not become ready: the cluster itself keeps trying those. Rejects only with the
 * signal's reason, or with a defect of devk.
 */
export function installRest(
  installation: Installation,
  part: PresetPart,
  signal: AbortSignal,
): Promise<Installed | PresetOutcome> {
  const { preset } = part
  const mayPass = (error: unknown) => error instanceof DevkError && error.code !== 'NOT_READY'
  const onPause = (error: unknown, pauseMs: number) =>
    installation.options.hooks.say(preset.name, `${(error as Error).message}; trying again in ${pauseMs / 1000} s`)
  const trying = { pausesMs, mayPass, onPause, signal }
  return failureOf(preset, () => retried(() => install(installation, part, signal), trying), signal)
}

async function install(
  installation: Installation,
  part: PresetPart,
  signal: AbortSignal,
): Promise<Installed | PresetOutcome> {
  const { options, stack, render, written } = installation
  const { preset } = part
  const { supply, kube, route } = options.platform
  const say = (line: string) => options.hooks.say(preset.name, line)
  // With a registry of the user the nodes pull the images themselves.
  const wanted = route.remote ? [] : imagesOf(written.get(preset.name) ?? [])
  const found = await presetImages({ preset, written: wanted }, supply, say, signal)
  if ('unavailable' in found) {
    const { unavailable: reason, get } = found
    return { name: preset.name, version: preset.version, state: 'unavailable', reason, get, changes: 0 }
  }
  const [own] = ownPart(render(preset, found.images), part)
  const planned = presetPlan(stack, own, 'rest')
  await load(options.platform, imagesOfWrites(planned.plan.actions), say, signal)
  const deps = depsOf(installation, preset, signal)
  const changes = await installPreset(stack, planned, deps)
  await untilPresent(preset, { kube, timeoutMs: deps.timeoutMs, signal, onReason: say })
  const named = await nameHosts(installation, preset, signal)
  return { changes: changes + named, version: versionOf(preset, found.images) }
}

/**
 * Makes the hosts resolve to the preset's first Service inside the cluster, when the preset asks for it. Returns how
 * many objects were written.
 */
async function nameHosts({ options, hosts }: Installation, preset: Preset, signal: AbortSignal): Promise<number> {
  const service = preset.ports[0]?.service
  if (!preset.generate.includes('cluster-hosts') || service === undefined) return 0
  const { config, platform, hooks } = options
  // An existing cluster has other users, so its DNS must not be changed.
  if (config.cluster.provider === 'existing') return 0
  hooks.say(preset.name, 'configuring cluster DNS')
  const wanted = { hosts, service, namespace: preset.namespace }
  const { kube } = platform
  return (
    (await setClusterNames({ ingress: wanted }, { kube, timeoutMs: patienceMs, signal, clock: options.clock })) ?? 0
  )
}

/** The version that really runs: the kit's when the kit's image is used. */
function versionOf({ version, images }: Preset, used: ReadonlyMap<string, string>): string {
  const main = images[0]
  const own = main?.kit !== undefined && used.get(main.image) === main.kit ? main.kit : undefined
  return own === undefined ? version : own.slice(own.lastIndexOf(':') + 1).replace(/^v/, '')
}

/** The objects of this part, rendered with their final images. */
function ownPart(rendered: PresetPart, part: PresetPart): [PresetPart] {
  const names = new Set(part.objects.map(({ object }) => idOf(object)))
  return [{ ...rendered, objects: rendered.objects.filter(({ object }) => names.has(idOf(object))) }]
}

function idOf({ apiVersion, kind, metadata }: KubeObject): string {
  return [apiVersion, kind, metadata.namespace, metadata.name].join(' ')
}

async function load(
  { supply, route }: Platform,
  images: ReadonlySet<string>,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  if (route.remote) return
  await inParallel([...images], imagesAtOnce, async (image) => {
    say(`loading ${image}`)
    const { nodes, registry } = route
    await supply.loader.load({ reference: fullName(image), nodes, registry }, say, signal)
  })
}

function depsOf({ options }: Installation, preset: Preset, signal: AbortSignal): ConvergeDeps {
  const { kube, streams } = options.platform
  return {
    kube,
    streams,
    timeoutMs: Math.min(options.timeoutMs, patienceMs),
    signal,
    clock: options.clock,
    onEvent: (event) => {
      if (event.type === 'waiting') options.hooks.say(preset.name, `${event.name}: ${event.reason}`)
    },
  }
}

/** The result of `run`, or its failure as an outcome, so that everything else continues. */
async function failureOf<T>(preset: Preset, run: () => Promise<T>, signal: AbortSignal): Promise<T | PresetOutcome> {
  try {
    return await run()
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof DevkError)) throw error
    const reason =
      error.code === 'NOT_READY' ? (error.details[0] ?? error.message) : [error.message, ...error.details].join(': ')
    return { name: preset.name, version: preset.version, state: 'failed', reason, get: error.hint ?? null, changes: 0 }
  }
}
