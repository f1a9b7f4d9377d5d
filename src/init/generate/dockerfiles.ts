import { imageFacts } from '../../images/reload/image.ts'
import { scriptTextOf } from '../../images/reload/node.ts'
import { portIn } from '../../images/reload/port.ts'
import type { Tree } from '../../images/reload/rules.ts'
import type { ComposeService } from '../../readers/compose/model.ts'
import type { OpenPoint, Repository } from '../../readers/facts.ts'
import type { FoundDockerfile } from '../../scan/found.ts'
import { isHelper } from '../match/match.ts'
import { countsByFolder, possibleNames } from '../match/names.ts'
import { copiedFiles } from '../sync/copied.ts'
import { filesOf, type Generated, newFolder } from './generate.ts'
import { kubeName } from './names.ts'
import { releaseNotes, withProcesses } from './processes.ts'

/**
 * The smallest good manifests for a repository that has only Dockerfiles: a Deployment and a Service for each, with the
 * ports that EXPOSE names, or else its command; undefined if it has none.
 */
export async function manifestsFromDockerfiles(
  dockerfiles: readonly FoundDockerfile[],
  name: string,
  repository: Repository,
): Promise<Generated | undefined> {
  const own = dockerfiles.filter(({ file }) => !isHelper(file))
  const folder = newFolder(repository)
  const [first] = own
  if (first === undefined || folder === undefined) return undefined
  const counts = countsByFolder(own)
  const nameOf = (dockerfile: FoundDockerfile) => possibleNames(dockerfile, counts, name)[0]?.name ?? name
  const services = await Promise.all(
    own.map(async (dockerfile) => {
      const main = serviceOf(nameOf(dockerfile), dockerfile, await portsOf(dockerfile, treeIn(repository)))
      return withProcesses(main, dockerfile, repository)
    }),
  )
  const unique = [...new Map(services.flat().map((service) => [kubeName(service.name), service])).values()]
  const open = unique.filter(({ ports, entrypoint }) => ports.length === 0 && entrypoint === undefined).map(portNote)
  const project = { file: first.file, services: [], sections: [], env: {} }
  const made = filesOf({ project, services: unique, repository }, folder)
  const left = own.flatMap((dockerfile) => releaseNotes(dockerfile, repository))
  return {
    ...{ ...made, folder, source: own.map(({ file }) => file).join(', ') },
    open: [...made.open, ...open, ...left],
    images: unique.map(({ name: image, build }) => `${kubeName(image)}=${build?.dockerfile}`),
  }
}

function portNote({ name, place }: ComposeService): OpenPoint {
  return {
    place,
    message: `${name}: neither EXPOSE nor its command names its port. Add it to the Service and the Deployment.`,
  }
}

/** Ports that EXPOSE names; without it, the one that the command or its script names. */
async function portsOf({ text, context }: FoundDockerfile, tree: Tree): Promise<readonly number[]> {
  const facts = imageFacts(text)
  if (facts === undefined || facts.ports.length > 0) return facts?.ports ?? []
  const { command = [], base, runs, env, needsShell } = facts
  const program = { words: command, needsShell, base, runs, env, ...copiedFiles(facts, context, tree) }
  const lines = [command.join(' '), await scriptTextOf(program, command), `PORT=${env.PORT ?? ''}`]
  return lines.flatMap((line) => portIn(line) ?? []).slice(0, 1)
}

/** The files of a repository as a tree. */
function treeIn({ files, read }: Repository): Tree {
  const known = new Set(files)
  const below = (path: string) => files.filter((file) => path === '.' || file.startsWith(`${path}/`))
  return {
    kind: async (path) => (known.has(path) ? 'file' : below(path).length > 0 ? 'folder' : undefined),
    text: async (path) => read(path) ?? '',
    folders: async (path) => {
      const inner = below(path).map((file) => (path === '.' ? file : file.slice(path.length + 1)).split('/'))
      return [...new Set(inner.flatMap(([name, ...more]) => (more.length > 0 ? (name ?? []) : [])))]
    },
  }
}

function serviceOf(name: string, { file, context }: FoundDockerfile, ports: readonly number[]): ComposeService {
  return {
    name,
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
