import type { Generator } from '../config/preset-schema.ts'
import type { KubeObject } from '../kube/api.ts'
import type { RenderedObject } from '../manifests/rendered.ts'
import { dashboardConfigMaps } from './dashboards/config-maps.ts'
import type { Preset } from './folder.ts'
import { projectMonitors } from './monitors/config-maps.ts'
import type { KeyPair } from './tls/key-pair.ts'
import { hostIngress, hostsName, tlsSecret } from './tls/objects.ts'

/** What generated objects are made from. */
export interface GenerateInput {
  readonly project: string
  readonly services: readonly string[]
  /** Names of the presets that are installed. */
  readonly presets: ReadonlySet<string>
  /** The project's own objects, as its manifests write them. */
  readonly objects: readonly KubeObject[]
  /** What the preset asks for; undefined when it is for no host, or nobody issues certificates. */
  readonly certificate?:
    | { readonly hosts: readonly string[]; readonly pair: KeyPair; readonly authority: string }
    | undefined
}

/** Objects that a preset asks for by `generate`, and what could not be followed, in plain words. */
export interface Generated {
  readonly objects: readonly RenderedObject[]
  readonly warnings: readonly string[]
}

type Make = (
  input: GenerateInput,
  namespace: string,
  preset: string,
) => { objects: readonly KubeObject[]; warnings?: readonly string[] }

const makers: Partial<Record<Generator, Make>> = {
  'service-dashboards': (input, namespace) => ({ objects: dashboardConfigMaps({ ...input, namespace }) }),
  'project-monitors': ({ objects }, namespace) => projectMonitors(objects, namespace),
  'service-certificate': ({ certificate }, namespace, preset) => ({
    objects:
      certificate === undefined ? [] : [tlsSecret(namespace, `${preset}-tls`, certificate.pair, certificate.authority)],
  }),
  'host-certificates': ({ certificate }, namespace) => ({
    objects:
      certificate === undefined
        ? []
        : [
            tlsSecret(namespace, hostsName, certificate.pair, certificate.authority),
            hostIngress(namespace, certificate.hosts),
          ],
  }),
}

/** Runs a preset's generators. Pure. Throws CONFIG_INVALID when there are more dashboards than fit. */
export function generate(preset: Pick<Preset, 'name' | 'namespace' | 'generate'>, input: GenerateInput): Generated {
  const made = preset.generate.map((name) => makers[name]?.(input, preset.namespace, preset.name) ?? { objects: [] })
  const origin = { file: `${preset.name}/preset.yaml`, line: undefined }
  return {
    objects: made.flatMap(({ objects }) => objects.map((object) => ({ object, origin }))),
    warnings: made.flatMap(({ warnings = [] }) => warnings),
  }
}
