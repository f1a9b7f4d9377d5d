import type { ConfigInput } from '../../config/schema.ts'
import type { KubeObject } from '../../kube/api.ts'
import { repositoryOf } from '../../lib/image-reference.ts'
import { isRecord } from '../../lib/record.ts'
import { containersOf, podTemplate } from '../../manifests/workload.ts'
import { lastOf, type Match, matchImages } from './match.ts'
import { type PublishedPorts, published } from './ports.ts'
import type { Found } from './scan.ts'
import { neededSecrets } from './secrets.ts'

/** A proposed configuration, and notes about what the user has to decide. */
export interface Proposal {
  readonly config: ConfigInput
  readonly notes: readonly string[]
}

type Services = NonNullable<ConfigInput['services']>
type Service = Services[string]

/**
 * The configuration for a repository. `found` is what it contains, `deploy` the chosen section, and `objects` the
 * objects that this section renders. Pure.
 */
export function propose(
  name: string,
  found: Found,
  deploy: NonNullable<ConfigInput['deploy']>,
  objects: readonly KubeObject[],
): Proposal {
  const workloads = objects.filter((object) => podTemplate(object) !== undefined)
  const images = workloads.flatMap(imagesOf)
  const matches = matchImages(images, found.dockerfiles, name)
  const ports = published(objects, new Set(workloads.filter((each) => builds(each, matches))))
  const services = servicesOf(name, workloads, matches, ports)
  const { secrets, notes: secretNotes } = neededSecrets(objects, found)
  const presets = presetsFor(objects)
  const cluster = {
    ...(ports.nodePorts.length > 0 ? { ports: ports.nodePorts } : {}),
    ...(Object.keys(ports.loadBalancers).length > 0 ? { loadBalancers: ports.loadBalancers } : {}),
  }
  const used = new Set([...matches.values()].map(({ dockerfile }) => dockerfile))
  const idle = found.dockerfiles.filter((dockerfile) => !used.has(dockerfile))
  return {
    config: {
      name,
      ...(Object.keys(cluster).length > 0 ? { cluster } : {}),
      ...(presets.length > 0 ? { presets } : {}),
      deploy: namesNamespace(objects) ? deploy : { ...deploy, namespace: name },
      services,
      ...(Object.keys(secrets).length > 0 ? { secrets } : {}),
    },
    notes: [
      ...idle.map(({ file }) => `No workload of the manifests runs an image that ${file} builds.`),
      ...objects.flatMap(externalNote),
      ...secretNotes,
    ],
  }
}

function servicesOf(
  project: string,
  workloads: readonly KubeObject[],
  matches: ReadonlyMap<string, Match>,
  ports: PublishedPorts,
): Services {
  const services: Services = {}
  const add = (wanted: string, service: Service) => {
    const plain = nameOf(wanted)
    let own = plain
    for (let i = 2; own in services; i++) own = `${plain}-${i}`
    services[own] = service
  }
  for (const [repository, { dockerfile, target }] of matches) {
    const image = lastOf(repository)
    const short = image.startsWith(`${project}-`) ? image.slice(project.length + 1) : image
    const own = workloads.filter((each) => imagesOf(each).some((other) => repositoryOf(other) === repository))
    const standard = dockerfile.context === '.' ? 'Dockerfile' : `${dockerfile.context}/Dockerfile`
    add(short, {
      ...(nameOf(short) === image ? {} : { image }),
      build: {
        context: dockerfile.context,
        ...(dockerfile.file === standard ? {} : { dockerfile: relativeTo(dockerfile.context, dockerfile.file) }),
        ...(target === undefined ? {} : { target }),
      },
      ...ports.of(own),
    })
  }
  for (const workload of workloads) {
    const stays = /^(Deployment|StatefulSet|DaemonSet|Rollout)$/.test(workload.kind)
    if (stays && !builds(workload, matches)) {
      add(workload.metadata.name, { workload: `${workload.kind}/${workload.metadata.name}` })
    }
  }
  return services
}

function imagesOf(workload: KubeObject): string[] {
  const template = podTemplate(workload)
  return template === undefined ? [] : containersOf(template).flatMap(({ image }) => image ?? [])
}

function builds(workload: KubeObject, matches: ReadonlyMap<string, Match>): boolean {
  return imagesOf(workload).some((image) => matches.has(repositoryOf(image)))
}

/** Text as a valid name of a service. */
function nameOf(text: string): string {
  const plain = text.toLowerCase().replace(/[^a-z0-9-]+/g, '-')
  return plain.slice(0, 40).replace(/^-+|-+$/g, '') || 'service'
}

function relativeTo(context: string, file: string): string {
  return context === '.' ? file : file.slice(context.length + 1)
}

function namesNamespace(objects: readonly KubeObject[]): boolean {
  return objects.some(({ kind, metadata }) => kind === 'Namespace' || metadata.namespace !== undefined)
}

/** Presets for features that the objects need from the cluster. */
function presetsFor(objects: readonly KubeObject[]): string[] {
  const kinds = new Set(objects.map(({ kind }) => kind))
  return [
    ...(kinds.has('Ingress') ? ['ingress'] : []),
    ...(kinds.has('HorizontalPodAutoscaler') ? ['metrics-server'] : []),
  ]
}

function externalNote({ kind, metadata, spec }: KubeObject): string[] {
  if (kind !== 'Service' || !isRecord(spec) || spec.type !== 'ExternalName') return []
  return [
    `The Service ${metadata.name} points to ${spec.externalName}. ` +
      `Add externals: { ${metadata.name}: … } to run it in the cluster.`,
  ]
}
