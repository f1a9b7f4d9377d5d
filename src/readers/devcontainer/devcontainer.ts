import { commandOf, startsDevelopment } from '../commands.ts'
import { type BuildFact, buildOptions, joined, type OpenPoint, onlyOpen, type ServiceFact } from '../facts.ts'
import { readerOf } from '../files.ts'
import { documentsOf, type Located } from '../located.ts'
import { folderOf, pathIn } from '../paths.ts'
import { withoutComments } from './comments.ts'

/** Where people keep the file: https://containers.dev/implementors/spec/. */
const name = /(^|\/)(\.devcontainer\.json|\.devcontainer\/([^/]+\/)?devcontainer\.json)$/

/**
 * What devcontainer.json says about a service: the ports that are forwarded and the command that starts it. The
 * container is a service of Compose, or it is built from a Dockerfile outside of its own folder; others exist only for
 * the editor.
 */
export const readDevcontainer = readerOf(name, ({ file, text }) => {
  const { documents, open } = documentsOf(file, withoutComments(text))
  const [document] = documents
  if (document === undefined) return onlyOpen(open)
  const build = buildOf(document)
  const service = document.get('service').text()
  const ports = portsOf(document)
  const command = startOf(document)
  const own = {
    ...(ports.own.length === 0 ? {} : { ports: ports.own }),
    ...(command === undefined ? {} : { command }),
  }
  const place = service === undefined ? document.either('build', 'dockerFile').place : document.get('service').place
  const isKnown = service !== undefined || build !== undefined
  const main: ServiceFact = {
    place,
    ...(service === undefined ? {} : { name: service }),
    ...(build === undefined ? {} : { build }),
    ...own,
  }
  const says = Object.keys(own)
  const alone = isKnown || says.length === 0 ? [] : [aloneNote(document, says)]
  return joined([
    onlyOpen([...open, ...alone, ...commandNotes(document, command), ...variableNotes(document)]),
    { services: [...(isKnown ? [main] : []), ...ports.others], deploys: [], open: [] },
  ])
})

function aloneNote(document: Located, says: readonly string[]): OpenPoint {
  const message = `No service of the manifests is this container. Its ${says.join(' and ')} may belong to one of them.`
  return { place: document.either('image', 'build', 'forwardPorts').place, message, isRemark: true }
}

/** The Dockerfile of the container, unless it is one for the editor. */
function buildOf(document: Located): BuildFact | undefined {
  const folder = folderOf(document.place.file)
  const written = document.get('build', 'dockerfile').text() ?? document.get('dockerFile').text()
  const dockerfile = written === undefined ? undefined : pathIn(folder, written)
  const context = pathIn(folder, document.get('build', 'context').text() ?? document.get('context').text() ?? '.')
  if (dockerfile === undefined || context === undefined || /(^|\/)\.devcontainer\//.test(dockerfile)) return undefined
  const target = document.get('build', 'target').text()
  const args = document.get('build', 'args').pairs((value) => value.textWithout('$'))
  return {
    context,
    dockerfile,
    ...buildOptions(target, args),
  }
}

/** `3000` and `localhost:3000` belong to the container, `db:5432` to another service of Compose. */
function portsOf(document: Located): { own: string[]; others: ServiceFact[] } {
  const own: string[] = []
  const others: ServiceFact[] = []
  const published = document.get('appPort')
  for (const item of [...document.get('forwardPorts').items(), ...published.items(), published]) {
    const [, host, first = '', second] =
      /^(?:([A-Za-z][\w.-]*):)?(\d{1,5})(?::(\d{1,5}))?$/.exec(item.text() ?? '') ?? []
    const numbers = [first, second ?? first].map(Number)
    if (!numbers.every((port) => port > 0 && port < 65_536)) continue
    const port = second === undefined || second === first ? first : `${first}:${second}`
    if (host === undefined || host === 'localhost') own.push(port)
    else others.push({ place: item.place, name: host, ports: [port] })
  }
  return { own: [...new Set(own)], others }
}

const starts = ['postStartCommand', 'postAttachCommand']

/** The lines of a command: one, or several by name that run at the same time. */
function linesOf(entry: Located): string[] {
  const one = entry.text()
  if (one !== undefined) return [one]
  const list = entry.items().flatMap((item) => item.text() ?? [])
  if (list.length > 0) return [list.join(' ')]
  return entry.entries().flatMap(([, inner]) => linesOf(inner))
}

function startOf(document: Located): string[] | undefined {
  const lines = starts.flatMap((key) => linesOf(document.get(key)))
  const line = lines.find(startsDevelopment)
  return line === undefined ? undefined : commandOf(line)
}

function commandNotes(document: Located, command: readonly string[] | undefined): OpenPoint[] {
  return starts.flatMap((key): OpenPoint[] => {
    const lines = linesOf(document.get(key)).filter((line) => commandOf(line).join(' ') !== command?.join(' '))
    if (lines.length === 0) return []
    return [
      { place: document.get(key).place, message: `devk does not run ${key}: ${lines.join('; ')}`, isRemark: true },
    ]
  })
}

/** Their values often come from the machine of one person: only the names are told. */
function variableNotes(document: Located): OpenPoint[] {
  return ['remoteEnv', 'containerEnv'].flatMap((key): OpenPoint[] => {
    const entry = document.get(key)
    const names = entry.entries().map(([variable]) => variable)
    if (names.length === 0) return []
    const message = `${key} sets ${names.join(', ')}. What a service needs of them belongs under its env.`
    return [{ place: entry.place, message, isRemark: true }]
  })
}
