import type { Kube, KubeObject } from '../../kube/api.ts'
import type { RenderedObject } from '../../manifests/rendered.ts'
import { projectNamespace } from '../../manifests/transform.ts'
import type { Preset } from '../../presets/folder.ts'
import { type GenerateInput, generate } from '../../presets/generate.ts'
import { type Passwords, passwordsName, passwordsOf } from '../../presets/passwords.ts'
import { servedHosts, uncoveredHosts } from '../../presets/tls/hosts.ts'
import { authorityOf, hostsName, pairOf, serviceSecret, withAuthority, withHttps } from '../../presets/tls/objects.ts'
import type { PresetOptions } from './install.ts'

type Options = Pick<PresetOptions, 'config' | 'chosen' | 'manifests' | 'project' | 'issuer' | 'hooks'> & {
  /** undefined before the cluster exists. */
  readonly kube: Kube | undefined
}

/** The objects of presets, and the hosts that they found in the project. */
interface PresetObjects {
  /** By preset. */
  readonly objects: ReadonlyMap<string, readonly RenderedObject[]>
  /** Hosts of the project that the ingress serves. */
  readonly hosts: readonly string[]
}

/**
 * All objects of presets: those in their manifests, and those generated from the configuration and the project's own
 * manifests, which are rendered only when a preset needs them. Warnings go to the preset's progress line. Throws what
 * reading, rendering and issuing certificates throw.
 */
export async function presetObjects(options: Options, signal: AbortSignal): Promise<PresetObjects> {
  const { chosen, issuer } = options
  const [manifests, generated] = await Promise.all([options.manifests, generatedObjects(options, signal)])
  const secured = securedNamespaces(chosen, generated)
  const all = chosen.map(async ({ name, namespace, generate: asked }) => {
    const written = [...(manifests.get(name) ?? []), ...(generated.objects.get(name) ?? [])]
    const own = written.map((entry) =>
      secured.has(entry.object.metadata.namespace ?? namespace) ? { ...entry, object: withHttps(entry.object) } : entry,
    )
    if (issuer === undefined || !asked.includes('service-certificate')) return [name, own] as const
    const secret = own.find(({ object }) => object.kind === 'Secret' && object.metadata.name === serviceSecret(name))
    const authority = authorityOf(secret?.object)
    if (authority === undefined) return [name, own] as const
    return [name, own.map((entry) => ({ ...entry, object: withAuthority(entry.object, authority) }))] as const
  })
  return { objects: new Map(await Promise.all(all)), hosts: generated.hosts }
}

/** The namespaces in which the Secret for the project's hosts is created. */
function securedNamespaces(chosen: readonly Preset[], { objects }: PresetObjects): ReadonlySet<string> {
  const makes = ({ name }: Preset) =>
    objects.get(name)?.some(({ object }) => object.kind === 'Secret' && object.metadata.name === hostsName) === true
  return new Set(chosen.filter(makes).map(({ namespace }) => namespace))
}

async function generatedObjects(options: Options, signal: AbortSignal): Promise<PresetObjects> {
  const { config, chosen, project, hooks } = options
  if (chosen.every((preset) => preset.generate.length === 0)) return { objects: new Map(), hosts: [] }
  const rendered = (await project()).map(({ object }) => object)
  const namespace = projectNamespace(config, rendered)
  const objects = rendered.map((object) => ({ ...object, metadata: { namespace, ...object.metadata } }))
  const common = {
    project: config.name,
    services: Object.keys(config.services),
    presets: new Set(chosen.map(({ name }) => name)),
    objects,
  }
  const made = await Promise.all(
    chosen.map(async (preset) => {
      const certificate = await presetCertificate(options, preset, objects, signal)
      const passwords = await presetPasswords(options, preset, signal)
      const generated = generate(preset, { ...common, certificate, passwords })
      for (const warning of generated.warnings) hooks.say(preset.name, warning)
      return [preset.name, generated.objects] as const
    }),
  )
  return { objects: new Map(made), hosts: servedHosts(objects, urlsOf(config)) }
}

/** The passwords of a preset that asks for them: those that the cluster has, so that they stay the same. */
async function presetPasswords(
  { kube }: Options,
  { name, namespace, generate: asked }: Preset,
  signal: AbortSignal,
): Promise<Passwords | undefined> {
  if (!asked.includes('passwords')) return undefined
  const secret = { apiVersion: 'v1', kind: 'Secret', name: passwordsName(name), namespace }
  return passwordsOf(await kube?.get(secret, signal))
}

/** The certificate for a preset: for its first Service, or for all hosts for which no object names a Secret. */
async function presetCertificate(
  options: Options,
  preset: Preset,
  objects: readonly KubeObject[],
  signal: AbortSignal,
): Promise<GenerateInput['certificate']> {
  const { issuer, config, chosen } = options
  const { name, namespace, ports, generate: asked } = preset
  if (issuer === undefined) return undefined
  const existing = (secret: string) =>
    options.kube?.get({ apiVersion: 'v1', kind: 'Secret', name: secret, namespace }, signal)
  if (asked.includes('service-certificate')) {
    const hosts = ports.slice(0, 1).map(({ service }) => `${service}.${namespace}.svc`)
    if (hosts.length === 0) return undefined
    const secret = await existing(serviceSecret(name))
    const [pair, authority] = [pairOf(secret), authorityOf(secret)]
    const current = pair === undefined || authority === undefined ? undefined : { pair, authority }
    return { hosts, ...(await issuer.internal(hosts, current)) }
  }
  if (!asked.includes('host-certificates')) return undefined
  const named = chosen.flatMap((each) => each.urls.flatMap(({ host }) => host ?? []))
  // `certified` notes the foreign ones.
  const { permitted: hosts } = await issuer.sorted(uncoveredHosts(objects, [...urlsOf(config), ...named]))
  if (hosts.length === 0) return undefined
  return { hosts, ...(await issuer.certificate(hosts, pairOf(await existing(hostsName)))) }
}

function urlsOf({ services }: Options['config']): string[] {
  return Object.values(services).flatMap(({ url }) => url ?? [])
}
