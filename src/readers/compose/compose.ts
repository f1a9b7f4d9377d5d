import type { Facts, Reader, ServiceFact } from '../facts.ts'
import type { ComposePort, ComposeService } from './model.ts'
import { syncOfMounts } from './mounts.ts'
import { composeProjects } from './project.ts'
import { composeService } from './service.ts'

/**
 * What Compose files say about the services that are developed here: build, bind mounts, command, ports and order.
 * How the cluster runs them is up to the manifests.
 */
export const readCompose: Reader = (repository): Facts => {
  const { projects, open } = composeProjects(repository)
  const services = projects.flatMap((project) => project.services.map((each) => composeService(each, project)))
  return {
    services: services.map(factOf),
    deploys: [],
    open: [...open, ...services.flatMap((service) => service.open)],
  }
}

function factOf(service: ComposeService): ServiceFact {
  const { name, place, image, build, entrypoint, command, ports, dependsOn, watch } = service
  const mounted = watch.sync.length > 0 ? watch.sync : syncOfMounts(service.mounts)
  const published = ports.filter(({ local, protocol }) => local !== undefined && protocol === 'tcp').map(portText)
  return {
    place,
    name,
    ...(image === undefined ? {} : { image }),
    ...(build === undefined ? {} : { build }),
    ...(build === undefined || mounted.length === 0 ? {} : { sync: mounted }),
    ...(build === undefined || watch.rebuild.length === 0 ? {} : { rebuild: watch.rebuild }),
    ...(entrypoint === undefined ? {} : { command: entrypoint }),
    ...(command === undefined ? {} : { args: command }),
    ...(published.length === 0 ? {} : { ports: published }),
    ...(dependsOn.length === 0 ? {} : { dependsOn: dependsOn.map((each) => each.name) }),
  }
}

/** A port as in the configuration. Pure. */
function portText({ local, remote }: ComposePort): string {
  return local === undefined || local === remote ? String(remote) : `${local}:${remote}`
}
