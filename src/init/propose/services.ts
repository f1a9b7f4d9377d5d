import { relative } from 'node:path/posix'
import type { ConfigInput } from '../../config/schema.ts'
import type { KubeObject } from '../../kube/api.ts'
import { repositoryOf } from '../../lib/image-reference.ts'
import { containersOf, podTemplate } from '../../manifests/workload.ts'
import { lastOf, type Match } from '../match/match.ts'
import type { Live } from '../sync/live.ts'
import type { PublishedPorts } from './ports.ts'

type Services = NonNullable<ConfigInput['services']>
type Service = Services[string]

/** The services of a configuration, and for each the reasons that its comment gives. */
export interface ProposedServices {
  readonly services: Services
  readonly reasons: Readonly<Record<string, readonly string[]>>
}

/** The images that the project builds. */
export interface Images {
  /** How saves reach the services, by the repository of their images. */
  readonly lives: ReadonlyMap<string, Live>
  /** Images from which others are built, and that no workload runs. */
  readonly bases: ReadonlyMap<string, Match>
}

/** A service for each image that the project builds, and one for each workload of others. Pure, except for `ports`. */
export function servicesOf(
  project: string,
  workloads: readonly KubeObject[],
  { lives, bases }: Images,
  ports: PublishedPorts,
): ProposedServices {
  const services: Services = {}
  const reasons: Record<string, readonly string[]> = {}
  const add = (wanted: string, service: Service): string => {
    const plain = nameOf(wanted)
    let own = plain
    for (let i = 2; own in services; i++) own = `${plain.slice(0, 36)}-${i}`
    services[own] = service
    return own
  }
  for (const [image, { dockerfile, target, args }] of bases) {
    const last = lastOf(image)
    const name = add(last, {
      ...(nameOf(last) === image ? {} : { image }),
      build: { ...buildOf(dockerfile, target), ...(args === undefined ? {} : { args: { ...args } }) },
    })
    reasons[name] = ['Other images are built from it; no workload runs it.']
  }
  const lasts = [...lives.keys()].map(lastOf)
  const running = byImage(workloads)
  for (const [repository, live] of lives) {
    const { dockerfile, target, reason } = live.match
    const last = lastOf(repository)
    const image = lasts.filter((each) => each === last).length > 1 ? repository : last
    const short = last.startsWith(`${project}-`) ? last.slice(project.length + 1) : last
    const own = [...(running.get(repository) ?? [])]
    const name = add(short, {
      ...(nameOf(short) === image ? {} : { image }),
      build: buildOf(dockerfile, target),
      ...syncOf(live, own),
      ...ports.of(own),
    })
    const all = [reason, live.reason].filter((each) => each !== undefined)
    if (all.length > 0) reasons[name] = all
  }
  for (const workload of workloads) {
    const stays = /^(Deployment|StatefulSet|DaemonSet|Rollout)$/.test(workload.kind)
    if (stays && !builds(workload, lives) && /^[a-z0-9.-]+$/.test(workload.metadata.name)) {
      add(workload.metadata.name, { workload: `${workload.kind}/${workload.metadata.name}` })
    }
  }
  return { services, reasons }
}

/** The part of a service that brings saves into its container. */
function syncOf({ rules, reload }: Live, workloads: readonly KubeObject[]): Partial<Service> {
  if (rules === undefined) return {}
  const { command, env } = reload ?? {}
  const containers = workloads.flatMap((each) => podTemplate(each)?.spec.containers ?? [])
  // Arguments of the manifests would follow the new command.
  const hasArgs = containers.some(({ args }) => args !== undefined)
  return {
    sync: rules.sync,
    ...(rules.rebuild.length === 0 ? {} : { rebuild: rules.rebuild }),
    ...(command === undefined
      ? {}
      : hasArgs
        ? { command: command.slice(0, 1), args: command.slice(1) }
        : { command: [...command] }),
    ...(env === undefined ? {} : { env: { ...env } }),
  }
}

function buildOf({ context, file }: Match['dockerfile'], target: string | undefined): NonNullable<Service['build']> {
  const standard = context === '.' ? 'Dockerfile' : `${context}/Dockerfile`
  return {
    context,
    ...(file === standard ? {} : { dockerfile: relative(context, file) }),
    ...(target === undefined ? {} : { target }),
  }
}

/** The images of a workload, without empty ones. Pure. */
export function imagesOf(workload: KubeObject): string[] {
  const template = podTemplate(workload)
  return template === undefined ? [] : containersOf(template).flatMap(({ image }) => image || [])
}

/** The workloads that run an image, by its repository. Pure. */
export function byImage(workloads: readonly KubeObject[]): ReadonlyMap<string, ReadonlySet<KubeObject>> {
  const running = new Map<string, Set<KubeObject>>()
  for (const workload of workloads) {
    for (const repository of imagesOf(workload).map(repositoryOf)) {
      running.set(repository, (running.get(repository) ?? new Set()).add(workload))
    }
  }
  return running
}

/** Whether the project builds an image of a workload. Pure. */
export function builds(workload: KubeObject, matches: ReadonlyMap<string, unknown>): boolean {
  return imagesOf(workload).some((image) => matches.has(repositoryOf(image)))
}

/** Text as a valid name of a service. */
function nameOf(text: string): string {
  const plain = text.toLowerCase().replace(/[^a-z0-9-]+/g, '-')
  return plain.slice(0, 40).replace(/^-+|-+$/g, '') || 'service'
}
