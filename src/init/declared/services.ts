import { posix } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { imageCommand } from '../../images/build/image-command.ts'
import type { BuildFact, Facts, Place, Repository, ServiceFact } from '../../readers/facts.ts'
import type { Copies } from './copies.ts'
import { dockerfileOf, type Service, type Services, subjectsOf } from './subject.ts'
import { syncRules } from './sync.ts'
import { workdirOf } from './workdir.ts'

/** Services with what files of other tools say about them. */
export interface Declared {
  readonly services: Services
  /** For each service, where its parts come from, as a sentence. */
  readonly reasons: Readonly<Record<string, readonly string[]>>
  /** What the files contradict each other in, or devk cannot take over. */
  readonly notes: readonly string[]
}

/** What decides about facts, besides the files. */
export interface Around {
  /** Images whose build the user chose. */
  readonly given?: ReadonlySet<string>
  /** Services by the names of their workloads. */
  readonly byName?: ReadonlyMap<string, string>
  /** What the Dockerfiles of the services copy; default: their sync rules. */
  readonly copies?: Copies
}

/**
 * Adds what files of other tools say to the services of a proposed configuration. Of two files that contradict each
 * other, the first one counts, and a note names both. Pure.
 */
export function withFacts(
  services: Services,
  facts: Facts,
  repository: Repository,
  { given = new Set(), byName, copies }: Around = {},
): Declared {
  const about = new Map<string, ServiceFact[]>()
  for (const fact of facts.services) {
    for (const key of subjectsOf(fact, services, byName)) about.set(key, [...(about.get(key) ?? []), fact])
  }
  const keyOf = (name: string) => [...about].find(([, all]) => all.some((fact) => isSameName(fact.name, name)))?.[0]
  const notes: string[] = []
  const reasons: Record<string, string[]> = {}
  const found: Services = {}
  for (const [key, service] of Object.entries(services)) {
    const own = about.get(key) ?? []
    const because: string[] = []
    const pick = <T>(of: (fact: ServiceFact) => T | undefined, what: string): ServiceFact | undefined => {
      const saying = own.filter((fact) => of(fact) !== undefined)
      const [first, ...others] = saying
      if (first === undefined) return undefined
      because.push(`${what}: ${shown(first.place)}`)
      const other = others.find((fact) => !isDeepStrictEqual(of(fact), of(first)))
      if (other !== undefined) {
        notes.push(`${key}: ${shown(first.place)} and ${shown(other.place)} differ in ${what}; devk uses the first.`)
      }
      return first
    }
    const isGiven = given.has(service.image ?? key)
    const build = isGiven ? undefined : pick((fact) => fact.build, 'build')?.build
    const built = withBuild(service, build, repository)
    const synced = pick(({ sync }) => sync, 'sync')
    const command = synced === undefined ? undefined : pick(commandOf, 'command')
    const { rules, left } = rulesOf(
      synced,
      { ...built, ...(command && commandOf(command)) },
      { repository, copied: copies?.get(key) },
    )
    notes.push(...left.map((text) => `${key}: ${text} (${shown(synced?.place)}).`))
    const ports = service.url === undefined ? pick((fact) => fact.ports, 'ports')?.ports : undefined
    const needs = own.flatMap(({ dependsOn = [] }) => dependsOn.flatMap((name) => keyOf(name) ?? []))
    const dependsOn = [...new Set(needs)].filter((name) => name !== key && !reaches(found, name, key))
    found[key] = {
      ...built,
      ...rules,
      ...(command === undefined ? {} : commandOf(command)),
      ...(ports === undefined ? {} : { ports: [...ports] }),
      ...(dependsOn.length === 0 ? {} : { dependsOn }),
    }
    if (because.length > 0) reasons[key] = [`${because.join('; ')}.`]
  }
  return { services: withFreePorts(found), reasons, notes }
}

/** Names of hosts do not depend on upper and lower case. */
function isSameName(a: string | undefined, b: string): boolean {
  return a?.toLowerCase() === b.toLowerCase()
}

/** A place as `skaffold.yaml:12`. */
export function shown(place: Place | undefined): string {
  return place === undefined ? '' : `${place.file}:${place.line}`
}

function commandOf({ command, args }: ServiceFact): Pick<Service, 'command' | 'args'> | undefined {
  const words = [...(command ?? []), ...(args ?? [])]
  if (words.length === 0 || isIdle(words)) return undefined
  return {
    ...(command === undefined ? {} : { command: [...command] }),
    ...(args === undefined ? {} : { args: [...args] }),
  }
}

/** What only keeps a container up, so that a person can start the program in it. */
function isIdle(words: readonly string[]): boolean {
  const line = words.filter((word) => !/^((\/usr)?\/bin\/)?(ba)?sh$|^-l?c$/.test(word)).join(' ')
  return /^(sleep (inf(inity)?|\d{5,}d?)|tail -[fF] \/dev\/null|while (sleep|true|:)\b.*)$/.test(line.trim())
}

function withBuild(service: Service, fact: BuildFact | undefined, { files }: Repository): Service {
  if (fact === undefined || service.build === undefined || !files.includes(fact.dockerfile)) return service
  const file = posix.relative(fact.context, fact.dockerfile)
  const { dockerfile: _, context: __, ...rest } = service.build
  return {
    ...service,
    build: {
      context: fact.context,
      ...(file === 'Dockerfile' ? {} : { dockerfile: file }),
      ...rest,
      ...(fact.target === undefined ? {} : { target: fact.target }),
      ...(fact.args === undefined ? {} : { args: { ...rest.args, ...fact.args } }),
    },
  }
}

interface Files {
  readonly repository: Repository
  /** What the Dockerfile copies. */
  readonly copied: Service['sync'] | undefined
}

function rulesOf(fact: ServiceFact | undefined, service: Service, { repository, copied = service.sync ?? [] }: Files) {
  const file = dockerfileOf(service)
  if (fact === undefined || service.build === undefined || file === undefined) return { rules: {}, left: [] }
  const { context, target, args = {} } = service.build
  const text = repository.read(file) ?? ''
  const isKnown = service.command !== undefined || imageCommand(text, { target, args, contexts: {} }) !== undefined
  const noRestart = isKnown ? undefined : `${file} does not tell its command as a list; with command, add restart: true`
  const place = { context, workdir: workdirOf(text, target), files: repository.files, inferred: copied, noRestart }
  return syncRules(fact, place)
}

/** Whether a service depends on another one, directly or over others. */
function reaches(services: Services, from: string, to: string): boolean {
  const next = (services[from]?.dependsOn ?? []).map((each) => (typeof each === 'string' ? each : each.name))
  return next.includes(to) || next.some((name) => reaches(services, name, to))
}

/** The services, each port of this machine once: the first service keeps it. */
function withFreePorts(services: Services): Services {
  const taken = new Set<number>()
  const free = (written: string | number): string => {
    const [first = '', second] = String(written).split(':')
    // Ports below 1024 belong to root.
    let local = Number(first) < 1024 ? Number(first) + 8000 : Number(first)
    while (taken.has(local)) local += local + 10_000 > 65_535 ? 1 : 10_000
    taken.add(local)
    const remote = second ?? first
    return String(local) === remote ? remote : `${local}:${remote}`
  }
  const entries = Object.entries(services).map(([key, service]) => {
    const url = service.url === undefined ? undefined : /:(\d+)$/.exec(service.url)?.[1]
    if (url !== undefined) taken.add(Number(url))
    return [key, service] as const
  })
  return Object.fromEntries(
    entries.map(([key, service]) => [
      key,
      service.ports === undefined ? service : { ...service, ports: service.ports.map(free) },
    ]),
  )
}
