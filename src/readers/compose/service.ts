import { posix } from 'node:path'
import { type BuildFact, buildOptions } from '../facts.ts'
import type { Located } from '../located.ts'
import { folderOf, pathIn } from '../paths.ts'
import { healthOf } from './health.ts'
import { Layers } from './layers.ts'
import type { ComposeService } from './model.ts'
import { mountsOf, watchOf } from './mounts.ts'
import { exposedOf, portsOf } from './ports.ts'
import type { ComposeProject, LayeredService } from './project.ts'

/** Sections that have a counterpart, or none in a cluster. */
const known = new Set(
  (
    'build image command entrypoint environment env_file ports expose volumes depends_on healthcheck develop deploy ' +
    'restart user working_dir profiles extends container_name networks labels links logging init stdin_open tty ' +
    'hostname pull_policy platform stop_grace_period stop_signal scale mem_limit cpus annotations tmpfs'
  ).split(' '),
)

/** A service with all its layers merged, as docker compose does. Pure. */
export function composeService(service: LayeredService, project: ComposeProject): ComposeService {
  const own = new Layers(service, project.env)
  const first = service.layers.at(-1)
  const environment = environmentOf(own)
  const place = (service.layers.find((layer) => layer.get('build').isThere) ?? first)?.place
  const mounts = mountsOf(own)
  const read = {
    name: service.name,
    place: place ?? { file: project.file, line: 1 },
    image: own.text(own.get('image')),
    build: buildOf(own),
    entrypoint: own.words(own.get('entrypoint')),
    command: own.words(own.get('command')),
    environment,
    envFiles: own.all('env_file').flatMap((value) => filesOf(value, own)),
    ports: portsOf(own),
    expose: exposedOf(own),
    mounts,
    dependsOn: dependenciesOf(own),
    health: healthOf(own),
    watch: watchOf(own),
    replicas: numberOf(own.text(own.get('deploy', 'replicas') ?? own.get('scale'))),
    resources: { limits: quantities(own, 'limits'), reservations: quantities(own, 'reservations') },
    restart: own.text(own.get('restart')) ?? own.text(own.get('deploy', 'restart_policy', 'condition')),
    user: own.text(own.get('user')),
    workdir: own.text(own.get('working_dir')),
    profiles: own.all('profiles').flatMap((value) => value.texts()),
    other: service.layers.flatMap((layer) => layer.entries().flatMap(([key]) => (known.has(key) ? [] : [key]))),
  }
  return { ...read, open: own.open, unset: own.unset }
}

function buildOf(own: Layers): BuildFact | undefined {
  const build = own.get('build')
  if (build === undefined) return undefined
  const plain = own.all('build').findLast((each) => each.text() !== undefined || each.get('context').isThere)
  const written = own.text(plain?.text() === undefined ? plain?.get('context') : plain) ?? '.'
  const folder = folderOf((plain ?? build).place.file)
  const context = pathIn(folder, written)
  if (context === undefined || build.get('dockerfile_inline').isThere) {
    const what =
      context === undefined ? `The build context ${written} is outside the repository` : 'Its Dockerfile is inline'
    own.open.push({ place: build.place, message: `${what}: write a Dockerfile in the repository.` })
    return undefined
  }
  const file = own.text(own.get('build', 'dockerfile')) ?? 'Dockerfile'
  const target = own.text(own.get('build', 'target'))
  const args = pairs(own, 'build', 'args')
  return {
    context,
    dockerfile: pathIn(context, file) ?? posix.join(context, 'Dockerfile'),
    ...buildOptions(target, args),
  }
}

/** A mapping, or a list of NAME=value; a name alone stands for a variable of the shell. */
function pairs(own: Layers, ...keys: string[]): Record<string, string> {
  const found: [string, string][] = []
  for (const layer of own.all(...keys)) {
    for (const [key, value] of layer.entries()) {
      const text = own.text(value)
      if (text !== undefined) found.push([key, text])
    }
    for (const item of layer.items()) {
      const [, key, value] = /^([^=]+)=(.*)$/s.exec(own.text(item) ?? '') ?? []
      if (key !== undefined && value !== undefined) found.push([key, value])
    }
  }
  return Object.fromEntries(found)
}

function environmentOf(own: Layers): Record<string, string> {
  return pairs(own, 'environment')
}

function filesOf(value: Located, own: Layers): string[] {
  const items = value.text() === undefined ? value.items() : [value]
  return items.flatMap((item) => {
    const text = own.text(item.text() === undefined ? item.get('path') : item)
    return (text === undefined ? undefined : pathIn(folderOf(item.place.file), text)) ?? []
  })
}

function dependenciesOf(own: Layers): ComposeService['dependsOn'] {
  const found = new Map<string, boolean>()
  for (const layer of own.all('depends_on')) {
    for (const name of layer.items().flatMap((item) => item.text() ?? [])) found.set(name, false)
    for (const [name, how] of layer.entries()) {
      found.set(name, how.get('condition').text() === 'service_completed_successfully')
    }
  }
  return [...found].map(([name, completed]) => ({ name, completed }))
}

function quantities(own: Layers, kind: 'limits' | 'reservations'): Record<string, string> {
  const at = (key: string) => own.text(own.get('deploy', 'resources', kind, key))
  const isLimit = kind === 'limits'
  const cpus = at('cpus') ?? (isLimit ? own.text(own.get('cpus')) : undefined)
  const memory = at('memory') ?? (isLimit ? own.text(own.get('mem_limit')) : undefined)
  return { ...(cpus === undefined ? {} : { cpus }), ...(memory === undefined ? {} : { memory }) }
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,4}$/.test(text) ? Number(text) : undefined
}
