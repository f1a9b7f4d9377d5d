import type { Kube, KubeObject } from '../kube/api.ts'
import type { RenderedObject } from '../manifests/rendered.ts'
import { projectNamespace } from '../manifests/transform.ts'
import type { Preset } from '../presets/folder.ts'
import { type GenerateInput, generate } from '../presets/generate.ts'
import { servedHosts, uncoveredHosts } from '../presets/tls/hosts.ts'
import { hostsName, pairOf } from '../presets/tls/objects.ts'
import type { PresetOptions } from './preset-install.ts'

type Options = Pick<PresetOptions, 'config' | 'chosen' | 'project' | 'issuer' | 'hooks'> & {
  /** undefined when there is no cluster yet. */
  readonly kube: Kube | undefined
}

/** What presets make of a project. */
export interface GeneratedParts {
  /** By preset. */
  readonly objects: ReadonlyMap<string, readonly RenderedObject[]>
  /** Hosts of the project that the ingress serves. */
  readonly hosts: readonly string[]
}

/**
 * The objects that presets make from the configuration and the project's own manifests, by preset; the manifests are rendered only when
 * a preset asks for it. What cannot be followed is told. Throws what rendering and issuing certificates throw.
 */
export async function generatedObjects(options: Options, signal: AbortSignal): Promise<GeneratedParts> {
  const { config, chosen, project, hooks } = options
  if (chosen.every((preset) => preset.generate.length === 0)) return { objects: new Map(), hosts: [] }
  const rendered = (await project(signal)).map(({ object }) => object)
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
      const certificate = await hostCertificate(options, preset, objects, signal)
      const generated = generate(preset, certificate === undefined ? common : { ...common, certificate })
      for (const warning of generated.warnings) hooks.say(preset.name, warning)
      return [preset.name, generated.objects] as const
    }),
  )
  return { objects: new Map(made), hosts: servedHosts(objects, urlsOf(config)) }
}

/** For the hosts of the project and of presets that no object names a Secret for. */
async function hostCertificate(
  { config, chosen, issuer, kube }: Options,
  preset: Preset,
  objects: readonly KubeObject[],
  signal: AbortSignal,
): Promise<GenerateInput['certificate']> {
  if (issuer === undefined || !preset.generate.includes('host-certificates')) return undefined
  const names = chosen.flatMap((each) => each.urls.flatMap(({ host }) => host ?? []))
  const hosts = uncoveredHosts(objects, [...urlsOf(config), ...names])
  if (hosts.length === 0) return undefined
  const there = await kube?.get(
    { apiVersion: 'v1', kind: 'Secret', name: hostsName, namespace: preset.namespace },
    signal,
  )
  return { hosts, pair: await issuer.certificate(hosts, pairOf(there)), authority: await issuer.authority() }
}

function urlsOf({ services }: Options['config']): string[] {
  return Object.values(services).flatMap(({ url }) => url ?? [])
}
