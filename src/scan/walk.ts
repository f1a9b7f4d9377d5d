import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { oneOf } from '../lib/one-of.ts'
import { inParallel } from '../lib/parallel.ts'
import { isWithin } from '../lib/paths.ts'

/** The files below a folder. */
export interface Listing {
  /** Relative to the folder, with slashes; those with fewer levels first. */
  readonly files: readonly string[]
  /** Why some are missing, as sentences. */
  readonly notes: readonly string[]
}

/** Folders of tools, build results and test data. */
const ignored = oneOf(
  `node_modules bower_components dist target vendor venv site-packages __pycache__ fixtures testdata __tests__
  coverage`,
)
/** Folders with a dot in front that hold what people deploy. */
const hidden = /^\.(?!(docker|k8s|kube|kubernetes|deploy|helm|infra|devcontainer)$)/
/** What else lies beside devcontainer.json is for the editor. */
const ofEditor = /(^|\/)\.devcontainer\/(?!([^/]+\/)?devcontainer\.json$)/

/** How far `listFiles` goes. */
export interface Limits {
  readonly levels: number
  /** Entries of all folders together. */
  readonly entries: number
}

/**
 * Lists files level by level, so that a limit leaves out what is deepest. Follows no links to folders, so that none
 * leads around in a circle. A link to YAML or JSON inside of the folder is a file, as for `up`. A folder that cannot be
 * read is a note.
 */
export async function listFiles(root: string, { levels, entries }: Limits): Promise<Listing> {
  const files: string[] = []
  const notes: string[] = []
  let seen = 0
  let folders = ['']
  for (let level = 0; level <= levels && folders.length > 0; level++) {
    const below = await inParallel(folders, 64, async (folder) => {
      if (seen > entries) return []
      const found = await readdir(join(root, folder), { withFileTypes: true }).catch((error: Error) => {
        notes.push(`${folder || '.'} could not be read: ${error.message}.`)
        return []
      })
      seen += found.length
      const path = (name: string) => (folder === '' ? name : `${folder}/${name}`)
      const links = found.filter((entry) => entry.isSymbolicLink() && /\.(ya?ml|json)$/.test(entry.name))
      const linked = await Promise.all(
        links.map(async ({ name }) => ((await isInside(root, path(name))) ? [name] : [])),
      )
      const plain = found.flatMap((entry) => (entry.isFile() ? [entry.name] : []))
      const names = [...plain, ...linked.flat()].map(path)
      files.push(...names.filter((name) => !ofEditor.test(name)))
      const inside = found.filter(({ name }) => !ignored.test(name) && !hidden.test(name))
      return inside.filter((entry) => entry.isDirectory()).map(({ name }) => path(name))
    })
    folders = below.flat().sort()
  }
  if (seen > entries) {
    notes.push(`The folder has more than ${entries} files. Those deepest down were not read.`)
  }
  return { files, notes }
}

/** Whether a link leads to a file inside of the folder. */
async function isInside(root: string, link: string): Promise<boolean> {
  try {
    const target = await realpath(join(root, link))
    return isWithin(target, await realpath(root)) && (await stat(target)).isFile()
  } catch {
    return false
  }
}
