import { posix } from 'node:path'
import { imageFacts } from '../../images/reload/image.ts'
import { commandOf } from '../../readers/commands.ts'
import type { ComposeService } from '../../readers/compose/model.ts'
import type { OpenPoint, Repository } from '../../readers/facts.ts'
import { type Process, processesIn } from '../../readers/procfile/procfile.ts'
import type { FoundDockerfile } from '../../scan/found.ts'

/** Where a program listens that takes its port from the variable PORT. */
const usualPort = 8080

/**
 * The services of a Dockerfile: the one of its image, which is the process `web` of a Procfile, and one for each other
 * process. An image without a command of its own gets that of its process. Pure.
 */
export function withProcesses(
  main: ComposeService,
  dockerfile: FoundDockerfile,
  repository: Repository,
): ComposeService[] {
  const processes = processesOf(dockerfile, repository)
  const web = processes.find(({ type }) => type === 'web')
  const others = processes.filter(({ type }) => !/^(web|release)$/.test(type))
  const asked = web?.line.includes('PORT') === true && hasNoCommand(dockerfile)
  const ports =
    asked && main.ports.length === 0 ? [{ local: usualPort, remote: usualPort, protocol: 'tcp' as const }] : main.ports
  return [
    {
      ...main,
      ports,
      ...(asked ? { environment: { PORT: String(ports[0]?.remote) } } : {}),
      ...(web !== undefined && hasNoCommand(dockerfile) ? { entrypoint: commandOf(web.line) } : {}),
    },
    ...others.map(({ type, line, place }) => ({
      ...main,
      ...{ name: `${main.name}-${type}`, place, ports: [], entrypoint: commandOf(line) },
    })),
  ]
}

/** What of the Procfile of a Dockerfile has no service. Pure. */
export function releaseNotes(dockerfile: FoundDockerfile, repository: Repository): OpenPoint[] {
  return processesOf(dockerfile, repository).flatMap(({ type, line, place }): OpenPoint[] =>
    type === 'release' ? [{ place, message: `No service runs the process release: ${line}` }] : [],
  )
}

function hasNoCommand({ text }: FoundDockerfile): boolean {
  return imageFacts(text)?.command === undefined
}

function processesOf({ context, file }: FoundDockerfile, repository: Repository): Process[] {
  const places = [posix.join(context, 'Procfile'), posix.join(posix.dirname(file), 'Procfile')]
  const found = places.find((place) => repository.read(place) !== undefined)
  return found === undefined ? [] : processesIn(found, repository.read(found) ?? '')
}
