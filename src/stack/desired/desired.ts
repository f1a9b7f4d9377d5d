import { balancedPorts, portPair } from '../../config/ports.ts'
import type { LoadedConfig } from '../../config/schema.ts'
import { DevkError } from '../../errors.ts'
import { type KubeObject, keyOf, type ObjectRef, refOf } from '../../kube/api.ts'
import { labels, sharedServicePrefix } from '../../lib/keys.ts'
import { balancerProblems } from '../../manifests/balancers.ts'
import { withHash } from '../../manifests/hash.ts'
import { imageNames } from '../../manifests/image-names.ts'
import { ownerProblems, rolesOf } from '../../manifests/owner.ts'
import { rejectDuplicates } from '../../manifests/rendered.ts'
import { commandProblems } from '../../manifests/supervised.ts'
import { projectNamespace, type TransformedObject, transform } from '../../manifests/transform.ts'
import { awaitedJobs, configuredObjects, type DesiredInput, type DesiredObject, mainWorkloadOf } from './configured.ts'
import { withInputs } from './env-inputs.ts'
import { externalForward, externalsNamespace } from './externals.ts'
import { type ForeignImage, foreignImages, startingFromNodes } from './foreign-images.ts'
import { podPort } from './forward-ports.ts'
import { withGenerated } from './generated.ts'
import { lasting } from './jobs.ts'
import { namesInUse } from './names-in-use.ts'
import { missingNamespaces } from './namespaces.ts'
import { relocated } from './relocated.ts'
import { inStages } from './stages.ts'

/** A port of a service or external that `up` and `dev` forward from 127.0.0.1. */
export interface DesiredForward {
  readonly name: string
  readonly namespace: string
  /** Label selector of its pods. */
  readonly selector: string
  readonly local: number
  readonly remote: number
}

/** A container that a service runs in. */
interface ServiceTarget {
  readonly workload: ObjectRef
  readonly container: string
}

/** Everything that the configuration and the manifests ask for; a plain value. */
export interface Desired {
  readonly project: string
  readonly namespace: string
  /** In the order in which they are applied, each with the labels of project and hash. */
  readonly objects: readonly DesiredObject[]
  readonly services: Readonly<Record<string, readonly ServiceTarget[]>>
  readonly forwards: readonly DesiredForward[]
  /** The images of pods that devk does not build. */
  readonly images: readonly ForeignImage[]
  /** The images that were built, by service or external, under the names that the existing objects use. */
  readonly built: Readonly<Record<string, string>>
  /** Whether the result depends on the existing objects: charts generate values, or images have several names. */
  readonly generates: boolean
  /** The units that must be ready before a unit's workloads are applied. */
  readonly dependsOn: Readonly<Record<string, readonly string[]>>
}

/**
 * The desired state of the cluster. Pure. Throws CONFIG_INVALID if a service matches no workload or a job has no image,
 * and MANIFEST_INVALID if two files describe the same object.
 */
export function desiredState(given: DesiredInput): Desired {
  const images = namesInUse(given)
  const input = relocated({ ...given, images })
  const { config } = input
  rejectMisfits(input)
  const namespace = projectNamespace(
    config,
    input.rendered.map(({ object }) => object),
  )
  const transformed = withGenerated(transform(input.rendered, input), input.existing ?? new Map())
  const made = configuredObjects(input, namespace)
  const replaced = new Set(made.map(({ object }) => keyOf(object)))
  const kept = transformed.filter(({ object }) => !(replaced.has(keyOf(object)) && isPlaceholder(object)))
  const jobs = awaitedJobs(input, namespace, kept)
  const named = [...kept.map(withUnit), ...made, ...jobs]
  const written = [...missingNamespaces(named, config.name), ...named]
  rejectDuplicates(written)
  const foreign = foreignImages(written, new Set(Object.values(images)), input.loads)
  const all = startingFromNodes(written, foreign)
  return {
    project: config.name,
    namespace,
    objects: hashed(
      inStages(all, ({ object }) => object),
      input.hashKey,
    ),
    services: targets(kept),
    forwards: forwards(config, kept),
    images: foreign,
    built: images,
    generates: (given.names?.size ?? 0) > 0 || input.rendered.some(({ generated }) => generated !== undefined),
    dependsOn: dependencies(config),
  }
}

function rejectMisfits({ config, rendered, bases, commands: known }: DesiredInput): void {
  const objects = rendered.map(({ object }) => object)
  const balancers = balancerProblems(objects, balancedPorts(config.cluster))
  if (balancers.length > 0) {
    throw new DevkError('CONFIG_INVALID', 'The load balancers do not match the manifests', { details: balancers })
  }
  const names = imageNames(objects, config.services, config.deploy.images)
  const roles = objects.map((object) => ({ object, roles: rolesOf(object, config.services, names) }))
  const commands = commandProblems({ services: config.services, known }, roles)
  if (commands.length > 0) {
    throw new DevkError('CONFIG_INVALID', 'A restart needs the command of the container', {
      details: commands,
      hint: 'Give its Dockerfile an ENTRYPOINT that is a list, or set `command` of the service to what its image runs.',
    })
  }
  const problems = ownerProblems(objects, config.services, bases, config.deploy.images)
  if (problems.length === 0) return
  throw new DevkError('CONFIG_INVALID', 'The services do not match the manifests', {
    details: problems,
    hint: 'Set `image` to the name that the manifests use, or `workload` to Kind/name.',
  })
}

function withUnit({ roles, namespace: _, ...entry }: TransformedObject): DesiredObject {
  const [first, ...others] = roles.map(({ service }) => service)
  return { ...entry, unit: first, ...(others.length > 0 ? { sharedBy: others } : {}) }
}

/**
 * Whether a manifest's object is production's Secret or ExternalName Service, which an object of the configuration
 * replaces here.
 */
function isPlaceholder(object: KubeObject): boolean {
  const { type } = (object.spec ?? {}) as { type?: string }
  return object.kind === 'Secret' || (object.kind === 'Service' && type === 'ExternalName')
}

/** The objects with hash labels. A pod template that reads Secrets or ConfigMaps also gets a hash of these. Pure. */
export function hashed(objects: readonly DesiredObject[], key: string): DesiredObject[] {
  const first = objects.map(({ object }) => withHash(lasting(object), key))
  const second = withInputs(first, key)
  return objects.map((entry, i) => {
    const object = second[i] ?? entry.object
    // Most objects read none, and hashing a custom resource definition takes milliseconds.
    return { ...entry, object: object === first[i] ? object : withHash(object, key) }
  })
}

function targets(objects: readonly TransformedObject[]): Record<string, ServiceTarget[]> {
  const result: Record<string, ServiceTarget[]> = {}
  for (const { object, roles } of objects) {
    for (const { service, main } of roles) {
      if (main !== undefined)
        result[service] = [...(result[service] ?? []), { workload: refOf(object), container: main }]
    }
  }
  return result
}

function forwards(config: LoadedConfig, objects: readonly TransformedObject[]): DesiredForward[] {
  const services = Object.entries(config.services).flatMap(([name, { ports }]) => {
    const workload = mainWorkloadOf(name, objects)?.workload
    const home = workload?.metadata.namespace ?? 'default'
    const isShared = objects.some(({ roles }) => roles.length > 1 && roles.some(({ service }) => service === name))
    const selector = isShared ? `${sharedServicePrefix}${name}` : `${labels.service}=${name}`
    return ports.map((port) => {
      const { local, remote } = portPair(port)
      const all = objects.map(({ object }) => object)
      const to = workload === undefined ? remote : podPort(remote, workload, all)
      return { name, namespace: home, selector, local, remote: to }
    })
  })
  const outside = Object.entries(config.externals).flatMap(([name, external]) => {
    const pair = externalForward(external)
    const where = { namespace: externalsNamespace(config.name), selector: `${labels.external}=${name}` }
    return pair === undefined ? [] : [{ name, ...where, ...pair }]
  })
  return [...services, ...outside]
}

function dependencies(config: LoadedConfig): Record<string, readonly string[]> {
  const units = [...Object.entries(config.services), ...Object.entries(config.jobs)]
  return Object.fromEntries(
    units.flatMap(([unit, { dependsOn }]) => {
      const awaited = dependsOn.flatMap(({ name, wait }) => (wait ? name : []))
      return awaited.length > 0 ? [[unit, awaited]] : []
    }),
  )
}
