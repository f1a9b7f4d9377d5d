import type { Service } from '../config/schema.ts'
import type { KubeObject } from '../kube/api.ts'
import { groupKindOf } from '../kube/api.ts'
import { supervisor } from '../lib/keys.ts'
import { listOf } from '../lib/record.ts'
import { installer } from './installer.ts'
import type { Role } from './owner.ts'
import { type Container, type PodTemplate, podTemplate } from './workload.ts'

const volume = 'devk-supervisor'

/** What a container of the image of a service runs, where that is known. */
export interface KnownCommand {
  readonly entry: readonly string[]
  readonly args: readonly string[]
}

/** Whether saves restart the program of a service in its container. */
export function isSupervised({ sync, build }: Pick<Service, 'sync' | 'build'>): boolean {
  return build?.local?.restart === true || sync.some(({ restart }) => restart)
}

/** The container of a workload in which a service is restarted; undefined where nothing runs for long. */
export function supervisedContainer(object: KubeObject, { main }: Role): Container | undefined {
  if (/^batch\//.test(groupKindOf(object))) return undefined
  return podTemplate(object)?.spec.containers.find(({ name }) => name === main)
}

/**
 * Puts the supervisor before the command of a container. An init container copies it from `image` into a volume, so the
 * image of the service needs nothing. `known` counts where the container has no command. Changes the template.
 */
export function supervise(template: PodTemplate, container: Container, image: string, known?: KnownCommand): void {
  const { spec } = template
  const { initContainers = [] } = spec
  const folder = (name: string) => `${supervisor.folder}/${name}`
  const others = initContainers.find(({ name }) => name === volume)
  if (others === undefined) {
    spec.volumes = [...listOf(spec.volumes), { name: volume, emptyDir: {} }]
    const command = [supervisor.inImage, 'install', folder(container.name)]
    spec.initContainers = [installer({ name: volume, image, command, folder: supervisor.folder }), ...initContainers]
  } else others.command?.push(folder(container.name))
  const { volumeMounts } = container
  container.command = [supervisor.program, 'supervise', supervisor.socket, ...commandOf(container, known)]
  delete container.args
  container.volumeMounts = [
    ...listOf(volumeMounts),
    { name: volume, mountPath: supervisor.folder, subPath: container.name },
  ]
  // A program that crashed waits for the next save. The kubelet must not restart its container meanwhile.
  delete container.livenessProbe
  delete container.startupProbe
}

/**
 * What a container runs, as its `command`; `known`: what its image runs. The kubelet fills in variables of a command,
 * and leaves an image's as it is. Pure.
 */
export function commandOf(
  { command = [], args }: Pick<Container, 'command' | 'args'>,
  known: KnownCommand | undefined,
): readonly string[] {
  if (command.length > 0) return [...command, ...(args ?? [])]
  const literal = (words: readonly string[] = []) => words.map((word) => word.replaceAll('$', '$$$$'))
  return [...literal(known?.entry), ...(args ?? literal(known?.args))]
}

/**
 * The services that are to be restarted in containers whose command nobody knows, in sentences. `known`: what their
 * images run. Pure.
 */
export function commandProblems(
  { services, known = {} }: CommandSources,
  workloads: readonly { readonly object: KubeObject; readonly roles: readonly Role[] }[],
): string[] {
  return workloads.flatMap(({ object, roles }) =>
    roles.flatMap((role) => {
      const service = services[role.service]
      const container = supervisedContainer(object, role)
      if (service === undefined || container === undefined || !isSupervised(service)) return []
      if ((service.command ?? container.command ?? []).length > 0) return []
      const image = known[role.service]
      const args = service.args ?? container.args ?? image?.args ?? []
      if (image !== undefined && image.entry.length + args.length > 0) return []
      const where = `${object.kind} ${object.metadata.name}`
      const what = `the container ${container.name} of ${where} has no command`
      const key = service.build?.local?.restart ? 'build.local' : 'sync'
      return `services.${role.service}.${key} has \`restart\`, and ${what}`
    }),
  )
}

/** The services, and what their images run. */
export interface CommandSources {
  readonly services: Readonly<Record<string, Service>>
  readonly known?: Readonly<Record<string, KnownCommand>> | undefined
}
