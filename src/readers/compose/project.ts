import { readEnvFile } from '../../lib/env-file.ts'
import type { OpenPoint, Repository } from '../facts.ts'
import { rootFirst } from '../files.ts'
import { documentsOf, type Located } from '../located.ts'
import { folderOf, pathIn } from '../paths.ts'

/** A service of Compose: what it extends and overrides, the last layer counts most. */
export interface LayeredService {
  readonly name: string
  readonly layers: readonly Located[]
}

/** The services of Compose files that belong together. */
export interface ComposeProject {
  /** The first of its files. */
  readonly file: string
  readonly services: readonly LayeredService[]
  /** Top-level sections of all files, such as `volumes`. */
  readonly sections: readonly Located[]
  /** Values for variables, from the .env file beside it. */
  readonly env: Readonly<Record<string, string>>
}

const main = /(^|\/)(docker-)?compose\.ya?ml$/
const most = 50

/** The projects of a repository: the one at the root, otherwise all; and what could not be read. */
export function composeProjects(repository: Repository): { projects: ComposeProject[]; open: OpenPoint[] } {
  const all = repository.files.filter((file) => main.test(file))
  // As docker compose does: compose.yaml before docker-compose.yml.
  const first = [...Map.groupBy(all, folderOf).values()].flatMap((same) => [...same].sort().slice(0, 1))
  const open: OpenPoint[] = []
  const projects = rootFirst(first).map((file) => projectOf(file, repository, open))
  return { projects, open }
}

function projectOf(file: string, repository: Repository, open: OpenPoint[]): ComposeProject {
  const stem = file.replace(/\.ya?ml$/, '')
  const variants = ['override', 'dev', 'development', 'local'].flatMap((kind) =>
    [`${stem}.${kind}.yml`, `${stem}.${kind}.yaml`, `${stem}-${kind}.yml`, `${stem}-${kind}.yaml`].filter((name) =>
      repository.files.includes(name),
    ),
  )
  const sections: Located[] = []
  const services = new Map<string, Located[]>()
  const read = reader(repository, open)
  const add = (name: string, seen: ReadonlySet<string>): void => {
    if (seen.has(name) || seen.size > most) return
    for (const document of read(name)) {
      for (const entry of document.get('include').items()) {
        const paths = entry.text() === undefined ? entry.get('path').texts() : entry.texts()
        for (const path of paths) {
          const target = pathIn(folderOf(name), path)
          if (target !== undefined && repository.files.includes(target)) add(target, new Set([...seen, name]))
          else open.push({ place: entry.place, message: `It includes ${path}, which is not in the repository.` })
        }
      }
      sections.push(document)
      for (const [key, service] of document.get('services').entries()) {
        services.set(key, [...(services.get(key) ?? []), ...extended(service, key, { read, repository, open })])
      }
    }
  }
  for (const name of [file, ...variants]) add(name, new Set())
  const envFile = readEnvFile(repository.read(pathIn(folderOf(file), '.env') ?? '.env') ?? '')
  return {
    file,
    services: [...services].map(([name, layers]) => ({ name, layers })),
    sections,
    env: 'values' in envFile ? envFile.values : {},
  }
}

interface Reading {
  read(file: string): readonly Located[]
  readonly repository: Repository
  readonly open: OpenPoint[]
}

/** A service after what it extends. */
function extended(service: Located, name: string, reading: Reading, depth = 0): Located[] {
  const from = service.get('extends')
  if (!from.isThere || depth > most) return [service]
  const base = from.text() ?? from.get('service').text() ?? name
  const other = from.get('file').text()
  const file = other === undefined ? service.place.file : pathIn(folderOf(service.place.file), other)
  const found = reading.read(file ?? '').map((document) => document.get('services', base))
  const there = found.find(({ isThere }) => isThere)
  if (there === undefined) {
    reading.open.push({ place: from.place, message: `It extends ${base}, which is not in ${other ?? 'this file'}.` })
    return [service]
  }
  return [...extended(there, base, reading, depth + 1), service]
}

/** Reads each file once. */
function reader(repository: Repository, open: OpenPoint[]): (file: string) => readonly Located[] {
  const known = new Map<string, readonly Located[]>()
  return (file) => {
    const before = known.get(file)
    if (before !== undefined) return before
    const { documents, open: more } = documentsOf(file, repository.read(file) ?? '')
    open.push(...more)
    known.set(file, documents.slice(0, 1))
    return documents.slice(0, 1)
  }
}
