import { posix } from 'node:path'

/** What a document may refer to. */
export interface Repository {
  readonly exists: (path: string) => boolean
  /** The text of a document. */
  readonly read: (path: string) => string
  /** Names of the scripts of package.json. */
  readonly scripts: ReadonlySet<string>
}

const link = /\]\(([^)\s]+)\)/g
const code = /`([^`\n]+)`/g
/** Paths from the root of the repository. Names in capitals and patterns stand for many files. */
const rootPath = /^(?:bench|bin|docs|kit|scripts|src|test)\/[\w./-]*[\w/]$/
const placeholder = /(?:^|\/)[A-Z]+(?:$|[/.])/

/** References of a document that lead nowhere, each as a sentence. `file` is relative to the root of the repository. */
export function documentBreaches(file: string, repository: Repository): string[] {
  const text = repository.read(file)
  const words = [...text.matchAll(code)].map(([, word = '']) => word)
  const scripts = [...text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, script = '']) => script)
  return [
    ...[...text.matchAll(link)].flatMap(([, target = '']) => deadLink(file, target, repository)),
    ...words.filter((word) => rootPath.test(word) && !placeholder.test(word) && !found(file, word, repository)),
    ...scripts.filter((script) => !repository.scripts.has(script)).map((script) => `npm run ${script}`),
  ].map((breach) => `${file}: ${breach} leads nowhere`)
}

/** Beside the document, too, since the README of an example speaks of the example's folders. */
function found(file: string, path: string, { exists }: Repository): boolean {
  return exists(path) || exists(posix.join(posix.dirname(file), path))
}

function deadLink(file: string, target: string, repository: Repository): string[] {
  if (/^[a-z]+:/.test(target)) return []
  const [path = '', anchor] = target.split('#')
  const place = path === '' ? file : posix.join(posix.dirname(file), path)
  if (!repository.exists(place)) return [target]
  return anchor === undefined || anchors(repository.read(place)).includes(anchor) ? [] : [target]
}

/** Anchors that GitHub gives to the headings of a document. */
function anchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
