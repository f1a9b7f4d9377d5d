import { type Facts, joined, type OpenPoint, onlyOpen, type ServiceFact } from '../facts.ts'
import { readerOf } from '../files.ts'
import { folderOf, pathIn } from '../paths.ts'
import { deployOf } from './deploy.ts'
import { imageOf, liveImageOf } from './image.ts'
import type { Site } from './site.ts'
import { callsIn, mistakeIn } from './starlark.ts'
import { argument, type Call, isComputed, itemsOf, textOf, textsOf, type Value } from './value.ts'

/**
 * What the literal calls of Tiltfiles say: the one at the root with what it includes, otherwise all of them. What is
 * computed is an open point. https://docs.tilt.dev/api.html
 */
export const readTilt = readerOf(/(^|\/)Tiltfile$/, ({ repository, file, text, follow }) => {
  const calls = callsIn(text)
  const repos = new Map(
    calls.filter(({ name }) => name === 'helm_repo').map(({ args }) => [textOf(args[0]), textOf(args[1])]),
  )
  const at: Site = { file, folder: folderOf(file), repos, repository }
  const parts = calls.map((call) => factsOf(call, at, follow))
  const line = mistakeIn(text)
  const mistake = line === undefined ? joined([]) : open({ file, line }, 'devk cannot read what stands here.')
  return joined([...parts, deployed(calls, at), summary(calls, at), mistake])
})

function factsOf(call: Call, at: Site, include: (file: string) => Facts): Facts {
  const place = { file: at.file, line: call.line }
  if (/^(docker_build|docker_build_with_restart)$/.test(call.name)) return imageOf(call, at)
  if (call.name === 'k8s_resource') return resource(call, place)
  if (call.name === 'include') {
    const written = textOf(call.args[0])
    const path = written === undefined ? undefined : pathIn(at.folder, written)
    if (path !== undefined && at.repository.files.includes(path)) return include(path)
    return open(place, `It includes ${written ?? 'a file whose name is computed'}, which is not in the repository.`)
  }
  const live = argument(call, 'live_update') === undefined ? joined([]) : liveImageOf(call, at)
  const message = isComputed(call.args[0]) && call.sometimes ? undefined : messages[call.name]
  if (call.name === 'allow_k8s_contexts') return remark(place, message ?? '')
  return message === undefined ? live : joined([live, open(place, message)])
}

/** Calls that have a counterpart which only a person can write. */
const messages: Readonly<Record<string, string>> = {
  custom_build: "custom_build: set build.command of the service, and build.env: { EXPECTED_REF: '$DEVK_IMAGE' }.",
  k8s_kind: 'k8s_kind: name the field with the image under deploy.images.',
  allow_k8s_contexts: 'allow_k8s_contexts: devk makes a local cluster; cluster.context names another one.',
  docker_compose: 'docker_compose: devk runs the services in the cluster.',
}

function resource(call: Call, place: { file: string; line: number }): Facts {
  const name = textOf(argument(call, 'workload', 0) ?? argument(call, 'name'))
  if (name === undefined) return joined([])
  const ports = itemsOf(argument(call, 'port_forwards')).flatMap((value) => portOf(value) ?? [])
  const dependsOn = textsOf(argument(call, 'resource_deps'))
  const renamed = textOf(argument(call, 'new_name'))
  const fact: ServiceFact = {
    place,
    name,
    ...(ports.length === 0 ? {} : { ports }),
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
  }
  const alias = renamed === undefined ? [] : [{ place, name: renamed }]
  return { services: [fact, ...alias], deploys: [], open: [] }
}

/** `8000`, `'8000:80'`, `'localhost:8000:80'` or port_forward(8000, 80). */
function portOf(value: Value): string | undefined {
  if (value.kind === 'call' && value.call.name === 'port_forward') {
    const [local, remote] = [argument(value.call, 'local_port', 0), argument(value.call, 'container_port', 1)].map(
      textOf,
    )
    return mapping(local, remote)
  }
  const parts = textOf(value)?.split(':') ?? []
  const ports = parts.filter((part) => /^\d{1,5}$/.test(part))
  return mapping(ports[0], ports[1])
}

function mapping(local: string | undefined, remote: string | undefined): string | undefined {
  if (local === undefined) return undefined
  return remote === undefined || remote === local ? local : `${local}:${remote}`
}

function deployed(calls: readonly Call[], at: Site): Facts {
  const { deploy, open: points } = deployOf(calls, at)
  return { services: [], deploys: deploy === undefined ? [] : [deploy], open: points }
}

/** One open point for everything that runs on this machine. */
function summary(calls: readonly Call[], at: Site): Facts {
  const local = calls.filter(({ name }) => name === 'local_resource')
  const [first] = local
  if (first === undefined) return joined([])
  const names = local.map((call) => textOf(argument(call, 'name', 0)) ?? '?').join(', ')
  return open(
    { file: at.file, line: first.line },
    `local_resource: devk does not run what is on this machine: ${names}.`,
  )
}

function remark(place: OpenPoint['place'], message: string): Facts {
  return onlyOpen([{ place, message, isRemark: true }])
}

function open(place: OpenPoint['place'], message: string): Facts {
  return onlyOpen([{ place, message }])
}
