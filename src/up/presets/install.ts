import type { LoadedConfig } from '../../config/schema.ts'
import { DevkError } from '../../errors.ts'
import { loadImage } from '../../images/load/load.ts'
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
import { setClusterHosts } from '../../stack/presets/cluster-hosts.ts'
import { inHalves, installPreset, type PresetPart, type PresetStack, presetPlan } from '../../stack/presets/presets.ts'
import { untilPresent } from '../../stack/presets/wait.ts'
import type { PresetHooks, PresetOutcome } from '../../terminal/progress.ts'
import { presetImages } from './images.ts'

export interface PresetOptions {
  readonly config: LoadedConfig
  readonly platform: Platform
  readonly chosen: readonly Preset[]
  /** Of each preset as they are written. */
  readonly manifests: Promise<PresetManifests>
  /** The project's own objects, as its manifests write them. */
  readonly project: () => Promise<readonly RenderedObject[]>
  /** Who issues certificates for the hosts; undefined: nobody. */
  readonly issuer: Issuer | undefined
  readonly timeoutMs: number
  /** Also deletes the volume claims of presets that are no longer wanted. */
  readonly pruneData: boolean
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  readonly hooks: PresetHooks
}

/** All that installing a preset needs. */
export interface Installation {
  readonly options: PresetOptions
  readonly stack: PresetStack
  readonly parts: readonly PresetPart[]
  readonly render: (preset: Preset, images: ReadonlyMap<string, string>) => PresetPart
  readonly written: ReadonlyMap<string, readonly RenderedObject[]>
  /** Hosts of the project that the ingress serves. */
  readonly hosts: readonly string[]
}

/** What installing a preset did. */
interface Installed {
  /** Objects that were written. */
  readonly changes: number
  /** Of what runs. */
  readonly version: string
}

/** Longest time for a preset; its images, if they must be built, are on top. */
export const patienceMs = 300_000

/** Applies what other manifests may rest on: namespaces and definitions. Gives how many objects were written, or the failure. */
export function installDefinitions(
  installation: Installation,
  part: PresetPart,
  signal: AbortSignal,
): Promise<number | PresetOutcome> {
  const plan = presetPlan(installation.stack, inHalves(part).definitions)
  // They are there within a second or two; each step of each of them would hide what is worth reading.
  const quiet = { ...depsOf(installation, part.preset, signal), onEvent: () => {} }
  return failureOf(part.preset, () => installPreset(installation.stack, plan, quiet), signal)
}

/** Before a preset that failed is tried again. */
const pausesMs = [2000, 10_000]

/**
 * Has a preset's images on the nodes, applies the rest of it, and waits until it is ready. What fails is tried again, but for pods that
 * do not become ready: the cluster goes on trying those. Rejects only with the signal's reason.
 */
export function installRest(
  installation: Installation,
  part: PresetPart,
  signal: AbortSignal,
): Promise<Installed | PresetOutcome> {
  const { preset } = part
  const mayPass = (error: unknown) => error instanceof DevkError && error.code !== 'NOT_READY'
  const onPause = (error: unknown, pauseMs: number) =>
    installation.options.hooks.say(preset.name, `${(error as Error).message}; again in ${pauseMs / 1000} s`)
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
  // Nodes elsewhere pull by themselves what the manifests name.
  const wanted = route.remote ? [] : imagesOf(written.get(preset.name) ?? [])
  const had = await presetImages(preset, wanted, supply, say, signal)
  if ('unavailable' in had) {
    const { unavailable: reason, get } = had
    return { name: preset.name, version: preset.version, state: 'unavailable', reason, get, changes: 0 }
  }
  const [own] = ownPart(render(preset, had.images), part)
  const plan = presetPlan(stack, inHalves(own).rest)
  await load(options.platform, imagesOfWrites(plan.actions), say, signal)
  const deps = depsOf(installation, preset, signal)
  const changes = await installPreset(stack, plan, deps)
  await untilPresent(preset, { kube, timeoutMs: deps.timeoutMs, signal, onReason: say })
  const named = await nameHosts(installation, preset, signal)
  return { changes: changes + named, version: versionOf(preset, had.images) }
}

/** Lets the hosts lead to the preset's first Service from inside the cluster, when it asks for that. Gives what was written. */
async function nameHosts({ options, hosts }: Installation, preset: Preset, signal: AbortSignal): Promise<number> {
  const service = preset.ports[0]?.service
  if (!preset.generate.includes('cluster-hosts') || service === undefined) return 0
  const { config, platform, hooks } = options
  // The names of a cluster that others use are not this project's to change.
  if (config.cluster.provider === 'existing') return 0
  hooks.say(preset.name, 'names the hosts inside the cluster')
  const wanted = { hosts, service, namespace: preset.namespace }
  const { kube } = platform
  return (await setClusterHosts(wanted, { kube, timeoutMs: patienceMs, signal, clock: options.clock })) ?? 0
}

/** What really runs: the kit's version where its image does. */
function versionOf({ version, images }: Preset, used: ReadonlyMap<string, string>): string {
  const main = images[0]
  const own = main?.kit !== undefined && used.get(main.image) === main.kit ? main.kit : undefined
  return own === undefined ? version : own.slice(own.lastIndexOf(':') + 1).replace(/^v/, '')
}

/** The objects that are this preset's to bring, with their final images. */
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
  await inParallel([...images], 2, async (image) => {
    say(`loads ${image}`)
    const { nodes, registry } = route
    await loadImage(supply.engine, { reference: fullName(image), nodes, registry }, say, signal)
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

/** What `run` gives, or its failure as an outcome: a preset's trouble is told, and everything else goes on. */
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
