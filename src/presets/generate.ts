import type { Generator } from '../config/preset-schema.ts'
import type { KubeObject } from '../kube/api.ts'
import type { RenderedObject } from '../manifests/rendered.ts'
import { dashboardConfigMaps } from './dashboards/config-maps.ts'
import type { Preset } from './folder.ts'
import { projectMonitors } from './monitors/config-maps.ts'
import { type Passwords, passwordsSecret } from './passwords.ts'
import type { KeyPair } from './tls/key-pair.ts'
import { hostIngress, hostsName, serviceSecret, tlsSecret } from './tls/objects.ts'

/** The input of the generators of a preset. */
export interface GenerateInput {
  readonly project: string
  /** Names of the services. */
  readonly services: readonly string[]
  /** Names of the presets that are installed. */
  readonly presets: ReadonlySet<string>
  /** The objects of the project, as in its manifests. */
  readonly objects: readonly KubeObject[]
  /** The certificate for the preset; undefined if it has no hosts, or if no preset issues certificates. */
  readonly certificate?:
    | { readonly hosts: readonly string[]; readonly pair: KeyPair; readonly authority: string }
    | undefined
  /** The passwords of the preset; undefined if it asks for none. */
  readonly passwords?: Passwords | undefined
}

/** The result of the generators of a preset. */
export interface Generated {
  readonly objects: readonly RenderedObject[]
  /** Sentences about parts of the project's objects that devk does not support. */
  readonly warnings: readonly string[]
}

type Generate = (
  input: GenerateInput,
  namespace: string,
  preset: string,
) => { objects: readonly KubeObject[]; warnings?: readonly string[] }

const generators: Partial<Record<Generator, Generate>> = {
  'service-dashboards': (input, namespace) => ({ objects: dashboardConfigMaps({ ...input, namespace }) }),
  'project-monitors': ({ objects }, namespace) => projectMonitors(objects, namespace),
  passwords: ({ passwords }, namespace, preset) => ({
    objects: passwords === undefined ? [] : [passwordsSecret(namespace, preset, passwords)],
  }),
  'service-certificate': ({ certificate }, namespace, preset) => ({
    objects:
      certificate === undefined
        ? []
        : [tlsSecret(namespace, serviceSecret(preset), certificate.pair, certificate.authority)],
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

/** Runs the generators of a preset. Pure. Throws CONFIG_INVALID if there are more dashboards than Grafana mounts. */
export function generate(preset: Pick<Preset, 'name' | 'namespace' | 'generate'>, input: GenerateInput): Generated {
  const made = preset.generate.map(
    (name) => generators[name]?.(input, preset.namespace, preset.name) ?? { objects: [] },
  )
  const origin = { file: `${preset.name}/preset.yaml`, line: undefined }
  return {
    objects: made.flatMap(({ objects }) => objects.map((object) => ({ object, origin }))),
    warnings: made.flatMap(({ warnings = [] }) => warnings),
  }
}
