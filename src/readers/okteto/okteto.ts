import { type BuildFact, buildOptions, joined, onlyOpen, type ServiceFact, type SyncFact } from '../facts.ts'
import { readerOf } from '../files.ts'
import { documentsOf, type Located } from '../located.ts'
import { folderOf, pathIn } from '../paths.ts'
import { words } from '../words.ts'
import { commandsOf } from './commands.ts'

/**
 * What okteto.yml says: builds, development containers, and the literal helm and kubectl commands of `deploy`.
 * https://www.okteto.com/docs/reference/okteto-manifest/
 */
export const readOkteto = readerOf(/(^|\/)okteto\.ya?ml$/, ({ file, text }) => {
  const { documents, open } = documentsOf(file, text)
  const [document] = documents
  const none = onlyOpen(open)
  if (document === undefined) return none
  const builds = new Map(
    document
      .get('build')
      .entries()
      .map(([name, entry]) => [name, buildOf(entry)] as const),
  )
  const containers = document.get('dev').entries()
  // Before version 2 the file described one development container.
  const alone = document.get('name').isThere && document.get('sync').isThere ? [document] : []
  const named = [...containers, ...alone.map((each) => [each.get('name').text() ?? '', each] as const)]
  const services = named.map(([name, entry]) => containerOf(name, entry, builds))
  const developed = new Set(
    services.flatMap(({ name, build }) => (name === undefined || build === undefined ? [] : [name])),
  )
  const images = [...builds].flatMap(([name, build]): ServiceFact[] => {
    // A build that only a development container uses, such as api-dev, is no image of the manifests.
    const isDevelopment = services.some((each) => each.build === build && each.name !== name)
    if (build === undefined || isDevelopment || developed.has(name)) return []
    const image = document.get('build', name, 'image').text()
    const plain = image === undefined || image.includes('$') ? {} : { image }
    return [{ place: document.get('build', name).place, name, ...plain, build }]
  })
  return joined([
    none,
    { services: [...services, ...images], deploys: [], open: [] },
    commandsOf(document.get('deploy')),
  ])
})

function buildOf(entry: Located): BuildFact | undefined {
  const folder = folderOf(entry.place.file)
  const context = pathIn(folder, entry.text() ?? entry.get('context').text() ?? '.')
  if (context === undefined) return undefined
  const written = entry.get('dockerfile').text()
  // A path may be relative to the file or, as for docker, to the context.
  const beside = written === undefined ? undefined : pathIn(folder, written)
  const isWhole = beside !== undefined && context !== '.' && beside.startsWith(`${context}/`)
  const dockerfile = isWhole ? beside : pathIn(context, written ?? 'Dockerfile')
  const target = entry.get('target').text()
  const args = entry.get('args').pairs((value) => value.textWithout('$'))
  return {
    context,
    dockerfile: dockerfile ?? 'Dockerfile',
    ...buildOptions(target, args),
  }
}

function containerOf(name: string, entry: Located, builds: ReadonlyMap<string, BuildFact | undefined>): ServiceFact {
  const image = entry.get('image').text()
  const build = builtBy(image ?? '', builds)
  const sync = entry
    .get('sync')
    .items()
    .flatMap((item) => syncOf(item) ?? [])
  const ports = entry
    .get('forward')
    .items()
    .flatMap((item) => portOf(item) ?? [])
  const command = commandOf(entry.get('command'))
  return {
    place: entry.place,
    name,
    ...(build === undefined ? {} : { build }),
    ...(sync.length === 0 ? {} : { sync }),
    ...(ports.length === 0 ? {} : { ports }),
    ...(command === undefined ? {} : { command }),
    ...(image === undefined || build !== undefined ? {} : { developedIn: image }),
  }
}

/** `${OKTETO_BUILD_API_DEV_IMAGE}` is the image of the build `api-dev`. */
function builtBy(image: string, builds: ReadonlyMap<string, BuildFact | undefined>): BuildFact | undefined {
  const [, variable] = /^\$\{?OKTETO_BUILD_(\w+)_IMAGE\}?$/.exec(image) ?? []
  const found = [...builds].find(([name]) => name.toUpperCase().replaceAll('-', '_') === variable)
  return found?.[1]
}

function syncOf(item: Located): SyncFact | undefined {
  const [from = '', to] = (item.text() ?? '').split(/:(.*)/s)
  const path = from === '' ? undefined : pathIn(folderOf(item.place.file), from)
  return path === undefined || to === undefined ? undefined : { from: path, to, exclude: [], only: [] }
}

/** `8080:80`, or `8080:db:80`, which leads to another service. */
function portOf(item: Located): string | undefined {
  const [, local, remote] = /^(\d{1,5}):(\d{1,5})$/.exec(item.text() ?? '') ?? []
  return local === remote ? local : `${local}:${remote}`
}

/** A shell is for a person, who then starts the program by hand. */
function commandOf(command: Located): string[] | undefined {
  const line = command.text()
  const found = line === undefined ? command.texts() : words(line)
  return found.length === 0 || /^(.*\/)?(ba|z|a)?sh$/.test(found.join(' ')) ? undefined : found
}
