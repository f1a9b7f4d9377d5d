import type { LoadedConfig } from '../../config/schema.ts'
import { DevkError } from '../../errors.ts'
import type { KindRef, KubeObject } from '../../kube/api.ts'
import { labels } from '../../lib/keys.ts'
import type { Origin, RenderedObject } from '../../manifests/rendered.ts'
import type { TransformedObject } from '../../manifests/transform.ts'
import { podTemplate } from '../../manifests/workload.ts'
import { externalObjects } from './externals.ts'
import { jobObject } from './jobs.ts'
import { type SecretValues, secretObject } from './secrets.ts'

export interface DesiredInput {
  readonly config: LoadedConfig
  readonly rendered: readonly RenderedObject[]
  /** Service or external to the reference that its image was built as. */
  readonly images: Readonly<Record<string, string>>
  readonly secrets: SecretValues
  /** The project's key for content hashes; see `hashKey` of the inventory. */
  readonly hashKey: string
  /** Certificates that devk issued, each with its namespace. */
  readonly certificates?: readonly KubeObject[]
  readonly namespaced?: (kind: KindRef) => boolean | undefined
}

export interface DesiredObject {
  readonly object: KubeObject
  readonly origin: Origin
  /** The service, external or job that a workload belongs to. */
  readonly unit: string | undefined
  /** Number of pods a workload begins with when its autoscaler owns the number afterwards. */
  readonly firstReplicas?: number
  /** What devk reports in the object's status, as its controller. */
  readonly status?: Readonly<Record<string, unknown>>
}

const configured = (path: string): Origin => ({ file: path, line: undefined })

/** Objects that the configuration itself asks for: Secrets, certificates and externals. Throws CONFIG_INVALID for an external without image. */
export function configuredObjects(input: DesiredInput, namespace: string): DesiredObject[] {
  return [...ownSecrets(input, namespace), ...certificates(input), ...externals(input, namespace)]
}

function certificates({ config, certificates = [] }: DesiredInput): DesiredObject[] {
  return certificates.map(({ metadata, ...object }) => ({
    object: { ...object, metadata: { ...metadata, labels: { [labels.project]: config.name } } } as KubeObject,
    origin: configured('presets: tls'),
    unit: undefined,
  }))
}

function ownSecrets({ config, secrets }: DesiredInput, namespace: string): DesiredObject[] {
  return Object.entries(config.secrets).map(([name, secret]) => ({
    object: secretObject(name, secret.namespace ?? namespace, config.name, secrets.secrets[name] ?? {}),
    origin: configured(`secrets.${name}`),
    unit: undefined,
  }))
}

function externals({ config, images, secrets }: DesiredInput, namespace: string): DesiredObject[] {
  return Object.entries(config.externals).flatMap(([name, external]) => {
    const image = images[name] ?? external.image
    if (image === undefined) throw new DevkError('CONFIG_INVALID', `externals.${name} needs \`image\` or \`build\``)
    const values = external.secret && (secrets.externals[name] ?? {})
    const objects = externalObjects(name, external, { project: config.name, namespace, image, values })
    return objects.map((object) => ({
      object,
      origin: configured(`externals.${name}`),
      unit: podTemplate(object) === undefined ? undefined : name,
    }))
  })
}

/** Jobs that something depends on run as part of `up`; the others wait for `devk run`. */
export function awaitedJobs(
  { config }: DesiredInput,
  namespace: string,
  kept: readonly TransformedObject[],
): DesiredObject[] {
  const units = [...Object.values(config.services), ...Object.values(config.jobs)]
  const awaited = new Set(units.flatMap(({ dependsOn }) => dependsOn.map(({ name }) => name)))
  return Object.entries(config.jobs)
    .filter(([name]) => awaited.has(name))
    .map(([name, job]) => {
      const service = job.service === undefined ? undefined : serviceOf(job.service, kept)
      const where = service?.workload.metadata.namespace ?? namespace
      const options = {
        project: config.name,
        namespace: where,
        objectName: `${config.name}-${name}`,
        service,
        retries: 3,
      }
      return { object: jobObject(name, job, options), origin: configured(`jobs.${name}`), unit: name }
    })
}

/** The first workload of a service with its main container, as a job shares them. */
export function serviceOf(
  service: string,
  objects: readonly TransformedObject[],
): { workload: KubeObject; container: string } | undefined {
  for (const { object, roles } of objects) {
    const container = roles.find((role) => role.service === service)?.main
    if (container !== undefined) return { workload: object, container }
  }
  return undefined
}
