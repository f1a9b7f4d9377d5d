import { isDeepStrictEqual } from 'node:util'
import { imageFacts } from '../../images/reload/image.ts'
import { manifestText } from '../../lib/yaml.ts'
import type { ComposeService } from '../../readers/compose/model.ts'
import { type ComposeProject, composeProjects } from '../../readers/compose/project.ts'
import { composeService } from '../../readers/compose/service.ts'
import type { OpenPoint, Repository } from '../../readers/facts.ts'
import { below, isIn } from '../../readers/paths.ts'
import { SharedFiles } from './mounted.ts'
import { kubeName } from './names.ts'
import { objectsOf } from './objects.ts'

/** Manifests made from Compose files or Dockerfiles. */
export interface Generated {
  /** The folder of the kustomization. */
  readonly folder: string
  /** The files that they were made from. */
  readonly source: string
  /** Texts by the paths of new files. */
  readonly files: Readonly<Record<string, string>>
  /** Secrets for the configuration, from the env files of Compose. */
  readonly secrets: Readonly<Record<string, { readonly fromEnvFile: string; readonly orElse?: string }>>
  /** What waits until a Job has ended, by the name of the Job. */
  readonly jobs: Readonly<Record<string, readonly string[]>>
  readonly open: readonly OpenPoint[]
  /** `NAME=Dockerfile` for the images whose Dockerfile no other file names. */
  readonly images?: readonly string[]
}

/** A Compose file, with its services. */
export interface Read {
  readonly project: ComposeProject
  readonly services: readonly ComposeService[]
  readonly repository: Repository
}

/**
 * A kustomization for the services of the first Compose file; undefined if there is none with a service. It goes into
 * the first of a few folders that does not exist, so that it replaces nothing. Pure.
 */
export function manifestsFromCompose(repository: Repository): Generated | undefined {
  const { projects, open } = composeProjects(repository)
  const read = projects.map((project) => ({ project, services: servicesOf(project) }))
  const [first] = read.filter(({ services }) => services.length > 0)
  const folder = newFolder(repository)
  if (first === undefined || folder === undefined) return undefined
  const made = filesOf({ ...first, repository }, folder)
  const others = read.filter((each) => each !== first).map(({ project }) => project.file)
  if (others.length > 0) {
    const place = { file: first.project.file, line: 1 }
    open.push({ place, message: `Other Compose files are left out: ${others.join(', ')}.` })
  }
  return { ...made, folder, source: first.project.file, open: [...open, ...made.open] }
}

/** A folder that does not exist yet, for manifests. Pure. */
export function newFolder({ files }: Repository): string | undefined {
  const taken = (folder: string) => files.some((file) => file.startsWith(`${folder}/`))
  return ['k8s', 'kubernetes', 'k8s-from-devk'].find((name) => !taken(name))
}

/** The services that `docker compose up` starts: without those of a profile, and without what has no image. */
function servicesOf(project: ComposeProject): ComposeService[] {
  const all = project.services.map((service) => composeService(service, project))
  return all.filter(({ profiles, image, build }) => profiles.length === 0 && (image ?? build) !== undefined)
}

/** The files of a kustomization for services. Pure. */
export function filesOf({ project, services, repository }: Read, folder: string): Omit<Generated, 'folder' | 'source'> {
  const shared = new SharedFiles(project, repository)
  const jobs = new Set(
    services.flatMap(({ dependsOn }) => dependsOn.filter((each) => each.completed).map((each) => each.name)),
  )
  const secrets: Record<string, { fromEnvFile: string; orElse?: string }> = {}
  const open: OpenPoint[] = [...shared.open]
  const claimed = new Set<string>()
  const texts: Record<string, string> = {}
  const head = `# Made from ${project.file} by devk init. It is yours from now on: devk does not write it again.\n`
  for (const service of services) {
    const layers = project.services.find(({ name }) => name === service.name)?.layers ?? []
    const files = service.envFiles.flatMap((file) => envFileOf(file, repository))
    for (const file of files) secrets[file.name] = file.source
    const { objects, left } = objectsOf(service, {
      repository,
      isJob: jobs.has(service.name),
      envSecrets: files.map(({ name }) => name),
      mounted: shared.of(layers),
      exposed: exposedBy(service, services, repository),
    })
    open.push(...openPoints(service, left, repository))
    // A named volume that several services use is one claim.
    const own = objects.filter((object) => !isAgain(object, claimed))
    texts[`${folder}/${kubeName(service.name)}.yaml`] = head + own.map((object) => manifestText(object)).join('---\n')
  }
  const more = shared.objects()
  if (more.length > 0) {
    texts[`${folder}/shared-files.yaml`] = head + more.map((object) => manifestText(object)).join('---\n')
    const place = { file: project.file, line: 1 }
    open.push({
      place,
      message: `${folder}/shared-files.yaml holds the values of its secrets: commit it only if they may be seen.`,
    })
  }
  const ignored = ignoreFiles(services, repository)
  const resources = Object.keys(texts).map((file) => file.slice(folder.length + 1))
  const kustomization = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources }
  const files = { [`${folder}/kustomization.yaml`]: head + manifestText(kustomization), ...texts, ...ignored }
  const waiting = (job: string) => services.filter(({ dependsOn }) => dependsOn.some(({ name }) => name === job))
  const names = [...jobs].map((job) => [kubeName(job), waiting(job).map(({ name }) => kubeName(name))] as const)
  return { files, secrets, jobs: Object.fromEntries(names), open }
}

function isAgain(object: object, seen: Set<string>): boolean {
  const { kind, metadata } = object as { kind: string; metadata: { name: string } }
  if (kind !== 'PersistentVolumeClaim') return false
  const again = seen.has(metadata.name)
  seen.add(metadata.name)
  return again
}

function openPoints(service: ComposeService, left: readonly string[], repository: Repository): OpenPoint[] {
  const { place, name, other } = service
  const missing = service.envFiles.filter((file) => envFileOf(file, repository).length === 0)
  const unknown = [...new Set(other)].filter((key) => !/^(secrets|configs|x-.*)$/.test(key))
  const renamed = kubeName(name) === name.toLowerCase() ? [] : [`${name} is called ${kubeName(name)} in the cluster.`]
  return [
    ...service.open,
    ...service.unset,
    ...left.map((message) => ({ place, message })),
    ...renamed.map((message) => ({ place, message })),
    ...missing.map((file) => ({ place, message: `${name}: ${file} is missing. Write it, and add it under secrets.` })),
    ...(unknown.length === 0 ? [] : [{ place, message: `${name}: ${unknown.join(', ')} has no counterpart here.` }]),
  ]
}

/** A .dockerignore for the env files in a build context that has none: a build must not copy secrets into an image. */
function ignoreFiles(services: readonly ComposeService[], { files }: Repository): Record<string, string> {
  const found = services.flatMap(({ build, envFiles }) => {
    const own = build === undefined ? [] : envFiles.filter((file) => isIn(file, build.context) && files.includes(file))
    const at = build?.context === '.' ? '.dockerignore' : `${build?.context}/.dockerignore`
    const isThere = files.includes(at) || files.includes(`${build?.dockerfile}.dockerignore`)
    return own.length === 0 || isThere || build === undefined
      ? []
      : [{ at, lines: own.map((file) => below(build.context, file)) }]
  })
  const texts = [...Map.groupBy(found, ({ at }) => at)].map(([at, all]) => {
    const lines = [...new Set(all.flatMap(({ lines: own }) => own))]
    return [at, `# Values of env files do not belong into images.\n${lines.join('\n')}\n`] as const
  })
  return Object.fromEntries(texts)
}

/** The Secret for an env file, with its example where only that is there. */
function envFileOf(
  file: string,
  { files }: Repository,
): { name: string; source: { fromEnvFile: string; orElse?: string } }[] {
  const example = [`${file}.example`, `${file}.sample`, `${file}.template`, `${file}.dist`].find((each) =>
    files.includes(each),
  )
  if (!files.includes(file) && example === undefined) return []
  const source = { fromEnvFile: file, ...(example === undefined ? {} : { orElse: example }) }
  return [{ name: `${kubeName(file.replace(/(^|\/)\./g, '$1'))}`, source }]
}

/**
 * The ports that the Dockerfile names. Where several services are built from it, they are those of its own command:
 * a worker with another one listens nowhere.
 */
function exposedBy(service: ComposeService, all: readonly ComposeService[], repository: Repository): readonly number[] {
  const { build, command, entrypoint } = service
  if (build === undefined) return []
  const others = all.filter((other) => other !== service && isDeepStrictEqual(other.build, build))
  if (others.length > 0 && (command ?? entrypoint) !== undefined) return []
  return imageFacts(repository.read(build.dockerfile) ?? '', build.target)?.ports ?? []
}
