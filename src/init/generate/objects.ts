import type { ComposeService } from '../../readers/compose/model.ts'
import type { Repository } from '../../readers/facts.ts'
import { environmentOf, probesOf, resourcesOf, userOf } from './container.ts'
import { kubeName, usualPort } from './names.ts'
import { volumesOf } from './volumes.ts'

/** Objects for a service, and what they leave out. */
export interface ServiceObjects {
  readonly objects: readonly object[]
  /** As sentences. */
  readonly left: readonly string[]
}

/** What the rest of the project tells about a service. */
export interface Around {
  readonly repository: Repository
  /** Others wait until it has ended. */
  readonly isJob: boolean
  /** Secrets with the variables of its env_file. */
  readonly envSecrets: readonly string[]
  /** Secrets and ConfigMaps that are mounted as files. */
  readonly mounted: { readonly volumes: readonly object[]; readonly mounts: readonly object[] }
  /** Ports that its Dockerfile names. */
  readonly exposed: readonly number[]
}

/** The workload of a service of Compose, its Service, claims, ConfigMaps and Secret. Pure. */
export function objectsOf(service: ComposeService, around: Around): ServiceObjects {
  const name = kubeName(service.name)
  const labels = { 'app.kubernetes.io/name': name }
  const { env, secrets } = environmentOf(service)
  const { volumes, mounts, claims, configs, left } = volumesOf(service, around.repository)
  const ports = portsOf(service, around.exposed)
  const known = [...service.ports.filter(({ protocol }) => protocol === 'tcp').map(({ remote }) => remote)]
  const probed = known[0] ?? usualPort(service.image ?? '')
  const allVolumes = [...volumes, ...around.mounted.volumes]
  const allMounts = [...mounts, ...around.mounted.mounts]
  const container = {
    name,
    image: service.image ?? name,
    ...(service.entrypoint === undefined ? {} : { command: escaped(service.entrypoint) }),
    ...(service.command === undefined ? {} : { args: escaped(service.command) }),
    ...(service.workdir === undefined ? {} : { workingDir: service.workdir }),
    ...(ports.length === 0 ? {} : { ports: ports.map(({ port, protocol }) => ({ containerPort: port, protocol })) }),
    ...(around.envSecrets.length === 0
      ? {}
      : { envFrom: around.envSecrets.map((secret) => ({ secretRef: { name: secret } })) }),
    ...(env.length === 0 ? {} : { env }),
    ...(around.isJob
      ? {}
      : probesOf(service.health, service.build === undefined || known.length > 0 ? probed : undefined)),
    ...resourcesOf(service.resources),
    ...userOf(service.user),
    ...(allMounts.length === 0 ? {} : { volumeMounts: allMounts }),
  }
  const pod = {
    // The variables that Kubernetes adds for every Service, such as REDIS_PORT, hide those of programs.
    enableServiceLinks: false,
    ...(around.isJob ? { restartPolicy: 'OnFailure' } : {}),
    containers: [container],
    ...(allVolumes.length === 0 ? {} : { volumes: allVolumes }),
  }
  const template = { metadata: { labels }, spec: pod }
  const metadata = { name, labels }
  const workload = around.isJob
    ? { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { backoffLimit: 3, template } }
    : {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata,
        spec: { ...scaleOf(service, claims), selector: { matchLabels: labels }, template },
      }
  const config = Object.entries(configs).map(([own, data]) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: own },
    data,
  }))
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData: secrets }
  return {
    objects: [
      workload,
      ...(around.isJob ? [] : [serviceObject(name, labels, ports)]),
      ...claims,
      ...config,
      ...(Object.keys(secrets).length === 0 ? [] : [secret]),
    ],
    left: left.map((text) => `${service.name}: ${text}, so it is not mounted.`),
  }
}

/** Kubernetes replaces $(NAME) in commands; Compose does not. */
function escaped(words: readonly string[]): string[] {
  return words.map((word) => word.replaceAll('$(', '$$$$('))
}

function scaleOf({ replicas }: ComposeService, claims: readonly object[]): object {
  const wanted = { replicas: replicas ?? 1 }
  // Two pods cannot have the volume at once.
  return claims.length === 0 ? wanted : { ...wanted, strategy: { type: 'Recreate' } }
}

interface Port {
  readonly port: number
  readonly protocol: string
}

function portsOf(service: ComposeService, exposed: readonly number[]): Port[] {
  const usual = service.build === undefined ? usualPort(service.image ?? '') : undefined
  const declared = service.ports.map(({ remote, protocol }) => ({ port: remote, protocol: protocol.toUpperCase() }))
  const others = [...service.expose, ...exposed, ...(usual === undefined ? [] : [usual])]
  const all = [...declared, ...others.map((port) => ({ port, protocol: 'TCP' }))]
  return [...new Map(all.map((each) => [`${each.port}/${each.protocol}`, each])).values()]
}

/** Without a known port, the name leads to the pods themselves, so that every port answers as with Compose. */
function serviceObject(name: string, labels: object, ports: readonly Port[]): object {
  const spec =
    ports.length === 0
      ? { clusterIP: 'None', selector: labels }
      : {
          selector: labels,
          ports: ports.map(({ port, protocol }) => ({ name: `${protocol.toLowerCase()}-${port}`, port, protocol })),
        }
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, labels }, spec }
}
