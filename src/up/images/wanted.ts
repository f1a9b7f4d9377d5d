import type { LoadedConfig } from '../../config/schema.ts'
import { DevkError } from '../../errors.ts'
import { fullName } from '../../lib/image-reference.ts'
import { supervisor } from '../../lib/keys.ts'
import { byCodeUnits } from '../../lib/order.ts'
import { builtImage } from './built.ts'
import { outsideImage } from './outside.ts'
import { needsSupervisor, supervisorImage } from './supervisor.ts'
import type { ImageWork, WorkOptions } from './work.ts'

/**
 * The images of all services and externals. The tag of a built image is a hash of its sources and build options. Throws
 * what reading a build context and finding certificates throw.
 */
export async function imageWork(config: LoadedConfig, options: WorkOptions): Promise<ImageWork[]> {
  const works = await Promise.all(imageOwners(config).map((owner) => imageWorkOf(config, owner, options)))
  return works.filter((work) => work !== undefined)
}

/** The services and externals that have an image of their own, and the supervisor if services need it. */
export function imageOwners(config: Pick<LoadedConfig, 'services' | 'externals'>): string[] {
  const { services, externals } = config
  return [
    ...(needsSupervisor(config) ? [supervisor.owner] : []),
    ...Object.keys(services).filter((name) => services[name]?.build),
    ...Object.keys(externals).filter((name) => externals[name]?.build ?? externals[name]?.image),
  ]
}

/** The image of one service or external; undefined when it has none of its own. Throws as `imageWork` does. */
export function imageWorkOf(config: LoadedConfig, owner: string, options: WorkOptions): Promise<ImageWork | undefined> {
  return find(owner, [])

  async function find(name: string, from: readonly string[]): Promise<ImageWork | undefined> {
    if (name === supervisor.owner) return supervisorImage(config, options)
    if (from.includes(name)) throw cycle([...from, name])
    const baseOf = (base: string) => find(base, [...from, name])
    const service = config.services[name]
    if (service?.build?.command) return outsideImage(config, { owner: name, build: service.build }, options)
    if (service?.build) {
      return builtImage(config, { owner: name, kind: 'service', build: service.build, baseOf }, options)
    }
    const external = config.externals[name]
    if (external?.build) {
      return builtImage(config, { owner: name, kind: 'external', build: external.build, baseOf }, options)
    }
    if (external?.image === undefined) return undefined
    return { owner: name, reference: fullName(external.image), request: undefined }
  }
}

function cycle(names: readonly string[]): DevkError {
  const round = names.slice(names.indexOf(names.at(-1) ?? ''), -1)
  const start = round.indexOf([...round].sort(byCodeUnits)[0] ?? '')
  const ordered = [...round.slice(start), ...round.slice(0, start)]
  return new DevkError('CONFIG_INVALID', `The images of ${ordered.join(' and ')} are built from each other`, {
    details: [[...ordered, ordered[0]].join(' → ')],
    hint: 'Change a FROM or COPY --from line of their Dockerfiles.',
  })
}
