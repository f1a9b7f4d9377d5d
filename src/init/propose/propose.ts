import type { ConfigInput } from '../../config/schema.ts'
import type { KubeObject } from '../../kube/api.ts'
import { repositoryOf } from '../../lib/image-reference.ts'
import { podTemplate } from '../../manifests/workload.ts'
import type { Found, FoundDockerfile } from '../../scan/found.ts'
import { some } from '../deploy/section.ts'
import { isHelper, lastOf, type Matches } from '../match/match.ts'
import { isPublished } from '../match/published.ts'
import { missingNotes, presetsFor } from './kinds.ts'
import { published } from './ports.ts'
import { neededSecrets } from './secrets.ts'
import { builds, type Images, imagesOf, servicesOf } from './services.ts'

/** A proposed configuration, and notes about what the user has to decide. */
export interface Proposal {
  readonly config: ConfigInput
  readonly notes: readonly string[]
  /** What was decided, as sentences: nothing has to be done. */
  readonly remarks: readonly string[]
  /** By service, why it is as it is. */
  readonly reasons: Readonly<Record<string, readonly string[]>>
}

/** What a configuration is made from, besides what is in the repository. */
export interface Decided extends Images {
  readonly name: string
  readonly deploy: NonNullable<ConfigInput['deploy']>
  /** The objects that `deploy` renders. */
  readonly objects: readonly KubeObject[]
  readonly matches: Matches
}

/** The configuration for a repository. Pure. */
export function propose(found: Found, { name, deploy, objects, matches, ...images }: Decided): Proposal {
  const workloads = objects.filter((object) => podTemplate(object) !== undefined)
  const { built } = matches
  const ports = published(objects, new Set(workloads.filter((each) => builds(each, built))))
  const { services, reasons } = servicesOf(name, workloads, images, ports)
  const { secrets, notes: secretNotes } = neededSecrets(objects, found)
  const presets = presetsFor(objects)
  const cluster = {
    ...(ports.nodePorts.length > 0 ? { ports: ports.nodePorts } : {}),
    ...(Object.keys(ports.loadBalancers).length > 0 ? { loadBalancers: ports.loadBalancers } : {}),
  }
  return {
    config: {
      name,
      ...(Object.keys(cluster).length > 0 ? { cluster } : {}),
      ...(presets.length > 0 ? { presets } : {}),
      deploy: namesNamespace(objects) ? deploy : { ...deploy, namespace: name },
      ...(Object.keys(ports.hosts).length > 0 ? { scale: { hosts: ports.hosts } } : {}),
      services,
      ...(Object.keys(secrets).length > 0 ? { secrets } : {}),
    },
    notes: [
      ...idleNotes(found, matches, images.bases),
      ...foreignNotes(workloads, matches, found),
      ...imageNotes(objects),
      ...missingNotes(objects),
      ...secretNotes,
    ],
    remarks: [],
    reasons,
  }
}

function idleNotes(found: Found, matches: Matches, bases: Images['bases']): string[] {
  const idle = idleDockerfiles(found, matches, bases)
  const same = [...matches.kept].map(([image, { file }]) => keptNote(image, file))
  if (idle.length === 0) return same
  const files = some(idle.map(({ file }) => file))
  return [
    `No workload of the manifests runs an image that ${files} ${idle.length === 1 ? 'builds' : 'build'}.`,
    ...same,
  ]
}

/** The Dockerfiles that build no image of the manifests and none of those after FROM. Pure. */
export function idleDockerfiles(
  { dockerfiles }: Found,
  { built, kept }: Matches,
  bases: Images['bases'],
): FoundDockerfile[] {
  const all = [...[...built.values(), ...bases.values()].map(({ dockerfile }) => dockerfile), ...kept.values()]
  const used = new Set(all.map(({ file }) => file))
  const isUsed = ({ file, variants }: FoundDockerfile) => used.has(file) || variants.some((each) => used.has(each.file))
  return dockerfiles.filter((dockerfile) => !isUsed(dockerfile) && !isHelper(dockerfile.file))
}

/** That a published image stays although a Dockerfile could build it. Pure. */
export function keptNote(image: string, file: string): string {
  return (
    `${file} may build ${image}, but others publish an image of this name, so devk uses theirs. ` +
    `To build it: --image ${image}=${file}.`
  )
}

function foreignNotes(workloads: readonly KubeObject[], matches: Matches, found: Found): string[] {
  return foreignImages(workloads, matches, found).map(foreignNote)
}

/** That an image has no Dockerfile. Pure. */
export function foreignNote(image: string): string {
  return `No Dockerfile seems to build ${image}. To name one: --image ${lastOf(image)}=DOCKERFILE.`
}

/** Images that look like the project's own, and that no Dockerfile builds. Pure. */
export function foreignImages(workloads: readonly KubeObject[], { built }: Matches, { dockerfiles }: Found): string[] {
  if (dockerfiles.length === 0) return []
  const owners = new Set([...built.keys()].map((repository) => repository.split('/').slice(0, -1).join('/')))
  const images = new Set(workloads.flatMap(imagesOf))
  return [...images].filter((image) => {
    const repository = repositoryOf(image)
    return !built.has(repository) && !isPublished(image) && owners.has(repository.split('/').slice(0, -1).join('/'))
  })
}

/** Workloads that Kubernetes would not accept. */
function imageNotes(objects: readonly KubeObject[]): string[] {
  return objects.flatMap((object) => {
    const own = `${object.kind}/${object.metadata.name}`
    const containers = podTemplate(object)?.spec.containers
    if (containers === undefined)
      return /^(Deployment|StatefulSet|DaemonSet)$/.test(object.kind) ? [`${own} has no containers.`] : []
    if (containers.length === 0) return [`${own} has no containers.`]
    return containers.flatMap(({ name, image }) => (image ? [] : [`${own}: the container ${name} has no image.`]))
  })
}

function namesNamespace(objects: readonly KubeObject[]): boolean {
  return objects.some(({ kind, metadata }) => kind === 'Namespace' || metadata.namespace !== undefined)
}
