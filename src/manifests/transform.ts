import { balancedPorts } from '../config/ports.ts'
import type { Config, Service } from '../config/schema.ts'
import type { KindRef, KubeObject } from '../kube/api.ts'
import { sharedMarks } from '../kube/pod-services.ts'
import { labels, supervisor } from '../lib/keys.ts'
import { isRecord } from '../lib/record.ts'
import { balanced, localBalancer } from './balancers.ts'
import { imagesAt, withImagesAt } from './image-fields.ts'
import { type ImageNames, imageNames } from './image-names.ts'
import { containersOfRole, type Role, rolesOf } from './owner.ts'
import type { RenderedObject } from './rendered.ts'
import { scopes } from './scope.ts'
import { isSupervised, type KnownCommand, supervise, supervisedContainer } from './supervised.ts'
import { withPodName, withVariables } from './variables.ts'
import { type Container, withPodTemplate } from './workload.ts'

/** What the objects are changed by. */
export interface TransformInput {
  readonly config: Pick<Config, 'name' | 'cluster' | 'services' | 'deploy'>
  /** The built image of each service. A service without one keeps the image of the manifests. */
  readonly images: Readonly<Record<string, string>>
  /** What the images of services run that are restarted in place. */
  readonly commands?: Readonly<Record<string, KnownCommand>> | undefined
  /** Whether a kind is namespaced, for kinds that the cluster serves; undefined for others. */
  readonly namespaced?: (kind: KindRef) => boolean | undefined
}

/** An object to deploy, and the services it runs. */
export interface TransformedObject extends RenderedObject {
  readonly roles: readonly Role[]
  /** The images that it names outside of pods, in fields of the configuration. */
  readonly images?: readonly string[]
  /** The replicas in the manifests, for a workload whose autoscaler sets the replicas after its creation. */
  readonly firstReplicas?: number
  /** The status to write, for a kind whose controller does not exist on a laptop. */
  readonly status?: Readonly<Record<string, unknown>>
}

/**
 * The namespace of objects without one: that of the configuration, or else the one in the manifests, or else `default`.
 */
export function projectNamespace(config: Pick<Config, 'name' | 'deploy'>, objects: readonly KubeObject[]): string {
  if (config.deploy.namespace !== undefined) return config.deploy.namespace
  const created = objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name)
  if (created.length === 1 && created[0] !== undefined) return created[0]
  return created.includes(config.name) ? config.name : 'default'
}

/**
 * The objects to deploy: with namespace, labels, images, replicas, command, args and env. Selectors do not change, so
 * that whatever selects a workload in production selects it here.
 */
export function transform(rendered: readonly RenderedObject[], input: TransformInput): TransformedObject[] {
  const all = rendered.map(({ object }) => object)
  const namespaced = scopes(all, input.namespaced)
  const fallback = projectNamespace(input.config, all)
  const scaled = new Set(all.flatMap((object) => scaleTarget(object, fallback)))
  const fields = input.config.deploy.images
  const ports = balancedPorts(input.config.cluster)
  const names = imageNames(all, input.config.services, fields)
  return rendered.map((entry) => {
    const own = withNamespace(entry.object, namespaced, entry.namespace ?? fallback)
    const roles = rolesOf(own, input.config.services, names)
    const isScaled = scaled.has(targetKey(own.kind, own.metadata.namespace ?? fallback, own.metadata.name))
    const built = withImagesAt(withServices(own, roles, input, isScaled), fields, (image) =>
      builtImage(image, names, input.images),
    )
    const object = labelled(built, input.config.name, roles)
    const named = imagesAt(object, fields)
    const images = named.length === 0 ? {} : { images: named }
    const service = balanced(object, ports)
    if (service !== undefined) return { ...entry, roles, object: service, status: localBalancer }
    const replicas = isScaled && isRecord(own.spec) ? own.spec.replicas : undefined
    return { ...entry, roles, object, ...images, ...(typeof replicas === 'number' ? { firstReplicas: replicas } : {}) }
  })
}

/** The image that was built for the service that an image belongs to; or else the image as it is. */
function builtImage(image: string, names: ImageNames, images: TransformInput['images']): string {
  const service = Object.keys(images).find((name) => names.isOf(name, image))
  return (service === undefined ? undefined : images[service]) ?? image
}

function withNamespace(object: KubeObject, namespaced: (kind: KindRef) => boolean, fallback: string): KubeObject {
  const { namespace, ...meta } = object.metadata
  const metadata = namespaced(object) ? { ...meta, namespace: namespace || fallback } : meta
  if (!/RoleBinding$/.test(object.kind) || !Array.isArray(object.subjects)) return { ...object, metadata }
  // The API server rejects a binding to a ServiceAccount without namespace.
  const subjects = object.subjects.map((subject: unknown) =>
    isRecord(subject) && subject.kind === 'ServiceAccount' ? { namespace: fallback, ...subject } : subject,
  )
  return { ...object, metadata, subjects }
}

function labelled(object: KubeObject, project: string, roles: readonly Role[]): KubeObject {
  const service = roles[0] === undefined ? {} : { [labels.service]: roles[0].service }
  const shared = sharedMarks(Object.fromEntries(roles.map((role) => [role.service, containersOfRole(role)])))
  const own = { [labels.project]: project, ...service, ...shared.labels }
  const result = withPodTemplate(object, (template) => {
    const { metadata = {} } = template
    const notes = { ...metadata.annotations, ...shared.annotations }
    template.metadata = { ...metadata, labels: { ...metadata.labels, ...own } }
    if (Object.keys(notes).length > 0) template.metadata.annotations = notes
  })
  return { ...result, metadata: { ...result.metadata, labels: { ...result.metadata.labels, ...own } } }
}

function withServices(
  object: KubeObject,
  roles: readonly Role[],
  input: TransformInput,
  isScaled: boolean,
): KubeObject {
  const result = withPodTemplate(object, (template) => {
    const { containers, initContainers = [] } = template.spec
    for (const role of roles) {
      const service = input.config.services[role.service]
      const image = input.images[role.service]
      if (service === undefined) continue
      for (const container of [...initContainers, ...containers]) {
        if (image !== undefined && role.containers.includes(container.name)) {
          Object.assign(container, { image, imagePullPolicy: 'IfNotPresent' })
        }
        if (container.name === role.main) configure(container, service)
      }
      const supervised = isSupervised(service) ? supervisedContainer(object, role) : undefined
      const container = containers.find(({ name }) => name === supervised?.name)
      if (container === undefined) continue
      const program = input.images[supervisor.owner] ?? supervisor.owner
      supervise(template, container, program, input.commands?.[role.service])
    }
  })
  if (!isRecord(result.spec) || !('replicas' in result.spec || roles.length > 0)) return result
  return withReplicas({ ...result, spec: result.spec }, roles, input, isScaled)
}

function withReplicas(
  object: KubeObject & { readonly spec: Record<string, unknown> },
  roles: readonly Role[],
  input: TransformInput,
  isScaled: boolean,
): KubeObject {
  const { replicas, ...others } = object.spec
  // The autoscaler owns the field. Applying it would reset the replicas at each `up`.
  if (isScaled) return { ...object, spec: others }
  const wanted = roles.map((role) => input.config.services[role.service]?.replicas).find((n) => n !== undefined)
  const scalable = /^(Deployment|StatefulSet|ReplicaSet|Rollout)$/.test(object.kind)
  return wanted === undefined || !scalable ? object : { ...object, spec: { ...others, replicas: wanted } }
}

function configure(container: Container, service: Service): void {
  if (service.command !== undefined) {
    container.command = service.command
    // The arguments of the manifests belong to the replaced command. So do the probes that restart a container: a
    // development server may take its time, and one that reports a syntax error must not be restarted for it.
    if (service.args === undefined) delete container.args
    delete container.livenessProbe
    delete container.startupProbe
  }
  if (service.args !== undefined) container.args = service.args
  if (Object.keys(service.env).length > 0) {
    container.env = withPodName(withVariables(container.env ?? [], service.env))
  }
}

function targetKey(kind: string, namespace: string, name: string): string {
  return `${kind} ${namespace}/${name}`
}

function scaleTarget(object: KubeObject, fallback: string): string[] {
  const scalers = { HorizontalPodAutoscaler: 'autoscaling', ScaledObject: 'keda.sh' }
  const group = scalers[object.kind as keyof typeof scalers]
  if (group === undefined || !object.apiVersion.startsWith(`${group}/`) || !isRecord(object.spec)) return []
  const target = object.spec.scaleTargetRef
  if (!isRecord(target)) return []
  return [targetKey(String(target.kind ?? 'Deployment'), object.metadata.namespace ?? fallback, String(target.name))]
}
