import { imageFacts } from '../../images/reload/image.ts'
import type { ComposeService } from '../../readers/compose/model.ts'
import type { OpenPoint, Repository } from '../../readers/facts.ts'
import type { FoundDockerfile } from '../../scan/found.ts'
import { isHelper } from '../match/match.ts'
import { possibleNames } from '../match/names.ts'
import { filesOf, type Generated, newFolder } from './generate.ts'
import { kubeName } from './names.ts'

/**
 * The smallest good manifests for a repository that has only Dockerfiles: a Deployment and a Service for each, with the
 * ports that EXPOSE names; undefined if it has none. Pure.
 */
export function manifestsFromDockerfiles(
  dockerfiles: readonly FoundDockerfile[],
  name: string,
  repository: Repository,
): Generated | undefined {
  const own = dockerfiles.filter(({ file }) => !isHelper(file))
  const folder = newFolder(repository)
  const [first] = own
  if (first === undefined || folder === undefined) return undefined
  const services = own.map((dockerfile) => serviceOf(dockerfile, own, name))
  const unique = [...new Map(services.map((service) => [kubeName(service.name), service])).values()]
  const open = unique.filter(({ ports }) => ports.length === 0).map(portNote)
  const project = { file: first.file, services: [], sections: [], env: {} }
  const made = filesOf({ project, services: unique, repository }, folder)
  return { ...made, folder, source: own.map(({ file }) => file).join(', '), open: [...made.open, ...open] }
}

function portNote({ name, place }: ComposeService): OpenPoint {
  return { place, message: `${name}: no EXPOSE names its port. Add it to the Service and the Deployment.` }
}

function serviceOf(dockerfile: FoundDockerfile, all: readonly FoundDockerfile[], project: string): ComposeService {
  const { file, context } = dockerfile
  const ports = imageFacts(dockerfile.text)?.ports ?? []
  return {
    name: possibleNames(dockerfile, all, project)[0]?.name ?? project,
    place: { file, line: 1 },
    build: { context, dockerfile: file },
    ports: ports.map((port) => ({ local: port, remote: port, protocol: 'tcp' })),
    // The scheduler has to know a size; a small one lets every laptop start it.
    resources: { limits: {}, reservations: { cpus: '0.05', memory: '64m' } },
    watch: { sync: [], rebuild: [] },
    ...{ image: undefined, entrypoint: undefined, command: undefined, health: undefined, replicas: undefined },
    ...{ restart: undefined, user: undefined, workdir: undefined, environment: {}, envFiles: [], expose: [] },
    ...{ mounts: [], dependsOn: [], profiles: [], other: [], open: [], unset: [] },
  }
}
