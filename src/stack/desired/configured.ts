import type { LoadedConfig } from '../../config/schema.ts'
import { DevkError } from '../../errors.ts'
import type { KindRef, KubeObject } from '../../kube/api.ts'
import { labels } from '../../lib/keys.ts'
import type { GeneratedValue, Origin, ReleaseRef, RenderedObject } from '../../manifests/rendered.ts'
import type { KnownCommand } from '../../manifests/supervised.ts'
import type { TransformedObject } from '../../manifests/transform.ts'
import { podTemplate } from '../../manifests/workload.ts'
import { externalObjects } from './externals.ts'
import type { Loads } from './foreign-images.ts'
import { jobObject } from './jobs.ts'
import { type SecretValues, secretObject } from './secrets.ts'

/** Everything that the desired state is computed from. */
export interface DesiredInput {
  readonly config: LoadedConfig
  readonly rendered: readonly RenderedObject[]
  /** From a service or external to the reference of the image that was built for it. */
  readonly images: Readonly<Record<string, string>>
  /** What the images of services run that are restarted in place. */
  readonly commands?: Readonly<Record<string, KnownCommand>> | undefined
  /** Other names of the images that were built. What runs keeps the name that it has. */
  readonly names?: ReadonlyMap<string, readonly string[]>
  /** Services whose images others are built from, so that no workload needs to run them. */
  readonly bases?: ReadonlySet<string>
  readonly secrets: SecretValues
  /** The project's key for content hashes: `hashKey` of the inventory. */
  readonly hashKey: string
  /** Secrets with certificates that devk issued. */
  readonly certificates?: readonly KubeObject[]
  readonly namespaced?: (kind: KindRef) => boolean | undefined
  /** Which images that are not built here devk brings to the nodes; absent: none. */
  readonly loads?: Loads | undefined
  /** The project's objects in the cluster by `keyOf`, whose generated values are kept. */
  readonly existing?: ReadonlyMap<string, KubeObject>
}

/** An object that the cluster should have. */
export interface DesiredObject {
  readonly object: KubeObject
  /** Where it is written, for error messages. */
  readonly origin: Origin
  /** The Helm release that it is part of. */
  readonly release?: ReleaseRef
  /** Its fields that a chart generates again at each rendering. */
  readonly generated?: readonly GeneratedValue[]
  /** For a hook of a release that is due: when it runs. */
  readonly phases?: readonly ('pre' | 'post')[]
  /** The images that it names outside of pods, in fields of the configuration. */
  readonly images?: readonly string[]
  /** The service, external or job that a workload belongs to. */
  readonly unit: string | undefined
  /** Other services that run in the same workload. */
  readonly sharedBy?: readonly string[]
  /** The number of replicas that a workload is created with if an autoscaler owns the number afterwards. */
  readonly firstReplicas?: number
  /** What devk writes into the object's status, as its controller. */
  readonly status?: Readonly<Record<string, unknown>>
}

/** An object that is built from the cluster, not from a file. */
export function withoutOrigin(object: KubeObject): DesiredObject {
  return { object, origin: { file: '', line: undefined }, unit: undefined }
}

const configured = (path: string): Origin => ({ file: path, line: undefined })

/**
 * The objects of the configuration itself: Secrets, certificates and externals. Throws CONFIG_INVALID for an external
 * without image.
 */
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

/** The jobs that a service or job depends on. They run as part of `up`, the others with `devk run`. */
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
      const service = job.service === undefined ? undefined : mainWorkloadOf(job.service, kept)
      const object = jobObject(name, job, {
        project: config.name,
        namespace: service?.workload.metadata.namespace ?? namespace,
        objectName: `${config.name}-${name}`,
        service,
        retries: 3,
      })
      return { object, origin: configured(`jobs.${name}`), unit: name }
    })
}

/** The first workload of a service, with the name of its main container. */
export function mainWorkloadOf(
  service: string,
  objects: readonly TransformedObject[],
): { workload: KubeObject; container: string } | undefined {
  for (const { object, roles } of objects) {
    const container = roles.find((role) => role.service === service)?.main
    if (container !== undefined) return { workload: object, container }
  }
  return undefined
}
