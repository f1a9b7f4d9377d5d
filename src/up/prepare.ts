import { join } from 'node:path'
import type { LoadedConfig } from '../config/schema.ts'
import type { CliContext } from '../context.ts'
import type { Kube, KubeObject } from '../kube/api.ts'
import type { RenderedObject } from '../manifests/rendered.ts'
import type { AppliedRule, ScalePlace } from '../manifests/scale/rule.ts'
import { scaled } from '../manifests/scale/scale.ts'
import { agentProgram } from '../platform/agent.ts'
import { type PreparedStack, prepareAbsent, prepareStack } from '../stack/deploy.ts'
import { desiredState } from '../stack/desired/desired.ts'
import { externalsNamespace } from '../stack/desired/externals.ts'
import type { Loads } from '../stack/desired/foreign-images.ts'
import { readSecrets, type SecretValues } from '../stack/desired/secrets.ts'
import { readStorage } from '../stack/desired/storage.ts'
import { serverScopes } from '../stack/scopes.ts'
import { readIfThere } from '../state/files.ts'
import { imageCommands } from './images/commands.ts'
import { named, namesOf } from './images/names.ts'
import { imageWork } from './images/wanted.ts'
import type { ImageWork, WorkOptions } from './images/work.ts'
import { limitedTo } from './limit.ts'
import type { Manifests } from './manifests.ts'
import { unservedPorts } from './mapped-ports.ts'
import { type Certifier, certified } from './presets/certificates.ts'

/** What the objects of the project are made from, besides the configuration. */
export interface Sources {
  readonly manifests: readonly RenderedObject[]
  /** From the .env files. */
  readonly secrets: SecretValues
}

/** A comparison of the sources with the cluster. */
export interface Preparation {
  /** All images of the stack. */
  readonly works: readonly ImageWork[]
  readonly prepared: PreparedStack
  readonly sources: Sources
  /** What the rules of `scale` changed in the manifests. */
  readonly rules: readonly AppliedRule[]
  /** Where devk deviated from the manifests, and what leads nowhere, in sentences. */
  readonly notes: readonly string[]
}

/** What to compare. */
export interface PrepareOptions {
  readonly config: LoadedConfig
  /** undefined before the cluster exists. */
  readonly kube: Kube | undefined
  readonly manifests: Manifests
  /** First part of the names of built images. */
  readonly prefix: string
  /** Which images that are not built here devk brings to the nodes; absent: none. */
  readonly loads?: Loads | undefined
  /** Services and externals to bring up; undefined: all. */
  readonly only: ReadonlySet<string> | undefined
  /** Issues the certificates that the manifests name; absent: no preset asks for them. */
  readonly certifier?: Certifier | undefined
  /** The images to run; absent: those that the sources make now. */
  readonly works?: readonly ImageWork[] | undefined
  /** Compared instead of what the files contain now. */
  readonly sources?: Sources | undefined
}

/**
 * Compares the sources and manifests with the cluster; changes nothing. Throws what rendering, scaling and planning
 * throw.
 */
export async function prepare(ctx: CliContext, options: PrepareOptions, signal: AbortSignal): Promise<Preparation> {
  const { config, kube, only } = options
  const [works, manifests, secrets, storage, commands] = await Promise.all([
    options.works ?? imageWork(config, { ...workOptions(ctx, options.prefix, signal), listed: true }),
    options.sources?.manifests ?? options.manifests.written(),
    options.sources?.secrets ?? readSecrets(config, readIfThere),
    kube === undefined ? storageOf[config.cluster.provider] : readStorage(kube, config.name, signal),
    imageCommands(config),
  ])
  const { objects, applied } = scaled(manifests, config.scale, { externals: externalHosts(config), storage })
  const { certifier } = options
  const { rendered, certificates, notes } =
    certifier === undefined
      ? { rendered: objects, certificates: [], notes: [] }
      : await certified(config, objects, { ...certifier, kube }, signal)
  const kinds = rendered.map(({ object }) => object)
  const namespaced = kube === undefined ? () => undefined : await serverScopes(kube, kinds, signal)
  const images = Object.fromEntries(works.map(({ owner, reference }) => [owner, reference]))
  const names = kube === undefined ? new Map() : await namesOf(works, ctx.engine().images, signal)
  const bases = new Set(works.flatMap((work) => (work.bases ?? []).map(({ owner }) => owner)))
  const { loads } = options
  const stack = { config, rendered, certificates, images, commands, names, bases, secrets, namespaced, loads }
  const desired = (hashKey: string, existing: ReadonlyMap<string, KubeObject> = new Map()) =>
    desiredState({ ...stack, hashKey, existing })
  const prepared =
    kube === undefined
      ? prepareAbsent(desired)
      : await prepareStack(config.name, desired, { kube, signal }, { pruneData: false })
  const plan = only === undefined ? prepared.plan : limitedTo(prepared.plan, only)
  const inUse = works.map((work) => named(work, prepared.desired.built[work.owner]))
  return {
    works: inUse,
    prepared: { ...prepared, plan },
    sources: { manifests, secrets },
    rules: applied,
    notes: [...notes, ...unservedPorts(config, kinds)],
  }
}

/** What naming the images depends on. `prefix` is the first part of the names of built images. */
export function workOptions(ctx: CliContext, prefix: string, signal: AbortSignal): WorkOptions {
  const { cache, digestKey: keyFile } = ctx.paths
  const cacheFolder = join(cache, 'digests')
  const supervisor = { folder: join(cache, 'supervisor'), program: agentProgram(ctx) }
  const registry = prefix
  const { images } = ctx.engine()
  const outside = { runner: ctx.runner, outsideFolder: join(cache, 'outside') }
  return { cacheFolder, keyFile, clock: ctx.clock, env: ctx.env, registry, images, supervisor, ...outside, signal }
}

/** The storage of a new cluster, by tool. */
const storageOf: Readonly<Record<LoadedConfig['cluster']['provider'], ScalePlace['storage']>> = {
  kind: { classes: ['standard'], provisioner: 'rancher.io/local-path' },
  minikube: { classes: ['standard'], provisioner: 'k8s.io/minikube-hostpath' },
  existing: undefined,
}

function externalHosts({ name, externals }: LoadedConfig): Map<string, string> {
  const home = `${externalsNamespace(name)}.svc.cluster.local`
  return new Map(Object.keys(externals).map((external) => [external, `${external}.${home}`]))
}
