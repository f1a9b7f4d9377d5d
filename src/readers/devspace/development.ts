import type { Facts, ServiceFact, SyncFact } from '../facts.ts'
import type { Located } from '../located.ts'
import { folderOf, pathIn } from '../paths.ts'
import { words } from '../words.ts'
import type { Variables } from './variables.ts'

/** The section `dev`: one entry for each container since version 6, lists of sync, ports and terminal before. */
export function developmentOf(dev: Located, images: readonly ServiceFact[], variables: Variables): Facts {
  const lists = ['sync', 'ports', 'replacePods'].flatMap((key) => dev.get(key).items())
  const isOld = lists.length > 0 || dev.get('terminal').isThere
  const entries = isOld ? [] : dev.entries()
  const services = [
    ...entries.flatMap(([name, entry]) => containersOf(name, entry, images, variables)),
    ...lists.flatMap((entry) => oldEntry(entry, images, variables)),
  ]
  return { services, deploys: [], open: [] }
}

function containersOf(
  name: string,
  entry: Located,
  images: readonly ServiceFact[],
  variables: Variables,
): ServiceFact[] {
  const image = variables.text(entry.get('imageSelector'))
  const about = image === undefined ? { name: workloadOf(entry) ?? name } : { image }
  const ports = entry
    .get('ports')
    .items()
    .flatMap((item) => portOf(item.get('port')) ?? [])
  const containers = [
    entry,
    ...entry
      .get('containers')
      .entries()
      .map(([, container]) => container),
  ]
  const sync = containers.flatMap((each) =>
    each
      .get('sync')
      .items()
      .flatMap((item) => newSync(item, variables) ?? []),
  )
  const command = containers.map((each) => commandOf(each)).find((found) => found !== undefined)
  const developedIn = containers.flatMap((each) => variables.text(each.get('devImage')) ?? [])[0]
  const fact: ServiceFact = {
    place: entry.place,
    ...about,
    ...(ports.length === 0 ? {} : { ports }),
    ...(sync.length === 0 ? {} : { sync }),
    ...(command === undefined ? {} : { command }),
    ...(developedIn === undefined ? {} : { developedIn }),
  }
  return image === undefined && images.length === 0 && sync.length + ports.length === 0 ? [] : [fact]
}

/** A terminal is for a person; `command` replaces what the container runs. */
function commandOf(container: Located): string[] | undefined {
  const command = container.get('command')
  if (!command.isThere) return undefined
  const line = command.text()
  const found = line === undefined ? command.texts() : words(line)
  return found.length === 0 || /sleep|tail/.test(found[0] ?? '') ? undefined : found
}

function workloadOf(entry: Located): string | undefined {
  const labels = entry.get('labelSelector').entries()
  const named = labels.find(([key]) => /(^|\/)(name|app|component)$/.test(key))
  return named?.[1].text()
}

function newSync(item: Located, variables: Variables): SyncFact | undefined {
  const written = variables.text(item.get('path')) ?? './'
  const [from = '', to] = written.split(/:(.*)/s)
  return made(item, from, to ?? '.')
}

function made(item: Located, from: string, to: string): SyncFact | undefined {
  const path = pathIn(folderOf(item.place.file), from)
  const exclude = [...item.get('excludePaths').texts(), ...item.get('uploadExcludePaths').texts()]
  if (path === undefined) return undefined
  return { from: path, to: to === '' ? '.' : to, exclude, only: [], ...afterUpload(item.get('onUpload')) }
}

/** What DevSpace does when files have arrived, without commands that it runs only for some of them. */
function afterUpload(uploaded: Located): Pick<SyncFact, 'run' | 'restart'> {
  const run = uploaded
    .get('exec')
    .items()
    .flatMap((each) => (each.get('onChange').isThere ? [] : (each.get('command').text() ?? [])))
  const restarts = uploaded.get('restartContainer').value === true
  return { ...(run.length === 0 ? {} : { run }), ...(restarts ? { restart: true } : {}) }
}

/** An entry of the lists of versions 4 and 5. */
function oldEntry(entry: Located, images: readonly ServiceFact[], variables: Variables): ServiceFact[] {
  const selected = entry.either('imageSelector', 'imageName')
  const text = variables.text(selected)
  const image = images.find((each) => each.name === text)?.image ?? text?.replace(/^image\((.*)\)$/, '$1')
  const name = workloadOf(entry)
  const local = entry.get('localSubPath').text()
  const to = entry.get('containerPath').text()
  const sync = local === undefined && to === undefined ? undefined : made(entry, local ?? '.', to ?? '.')
  const ports = entry
    .get('forward')
    .items()
    .flatMap((item) => pairOf(item) ?? [])
  if (image === undefined && name === undefined) return []
  return [
    {
      place: entry.place,
      ...(image === undefined ? {} : { image }),
      ...(name === undefined ? {} : { name }),
      ...(sync === undefined ? {} : { sync: [sync] }),
      ...(ports.length === 0 ? {} : { ports }),
    },
  ]
}

function pairOf(item: Located): string | undefined {
  const [local, remote] = [item.get('port').text(), item.get('remotePort').text()]
  return local === undefined || remote === undefined || local === remote ? local : `${local}:${remote}`
}

function portOf(value: Located): string | undefined {
  const [local, remote] = (value.text() ?? '').split(':')
  if (!/^\d{1,5}$/.test(local ?? '')) return undefined
  return remote === undefined || remote === local ? local : /^\d{1,5}$/.test(remote) ? `${local}:${remote}` : undefined
}
