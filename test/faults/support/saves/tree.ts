import { createHash } from 'node:crypto'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Random } from '../random.ts'

/** What is in a folder, in comparable form. */
export interface Tree {
  /** Files with their content and whether they can be executed, and links with their targets, by path. */
  readonly files: ReadonlyMap<string, string>
  readonly folders: ReadonlySet<string>
}

/** The comparable form of a file; `mode` has its permissions. */
export const fileState = (sha256: string, mode: number) => `${(mode & 0o100) === 0 ? '' : 'program '}${sha256}`
/** The comparable form of a link. */
export const linkState = (target: string) => `link to ${target}`

/** The paths of everything below a folder. With its option `recursive`, Node would read what links lead to as well. */
export function pathsBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return [path, ...(entry.isDirectory() ? pathsBelow(path) : [])]
  })
}

/** Reads a folder of this machine. */
export function readTree(folder: string): Tree {
  const files = new Map<string, string>()
  const folders = new Set<string>()
  for (const at of pathsBelow(folder)) {
    const path = relative(folder, at)
    const stats = lstatSync(at)
    if (stats.isDirectory()) folders.add(path)
    else if (stats.isSymbolicLink()) files.set(path, linkState(readlinkSync(at)))
    else files.set(path, fileState(createHash('sha256').update(readFileSync(at)).digest('hex'), stats.mode))
  }
  return { files, folders }
}

const folders = ['a', 'a/b', 'a/b/c', 'b', 'b/d e', 'c', 'ü']
const names = ['m.py', 'n.js', 'run', 'x y.txt', '.env', 'ß.css', 'data.bin', '-n']

/** A path of a folder. There are few of them, so that changes meet. */
export const someFolder = (random: Random) => random.pick(folders)
/** A path of a file. */
export const somePath = (random: Random) => join(random.chance(0.2) ? '.' : someFolder(random), random.pick(names))

/** A text; rarely a long one. */
export function someContent(random: Random): string {
  const length = random.chance(0.03) ? random.int(200_000, 2_000_000) : random.chance(0.1) ? 0 : random.int(1, 2000)
  return random
    .text(Math.min(length, 50))
    .repeat(Math.ceil(length / 50))
    .slice(0, length)
}

/** Fills a folder with files, programs and links. */
export function makeTree(folder: string, random: Random): void {
  for (let left = random.int(15, 40); left > 0; left -= 1) {
    const path = join(folder, somePath(random))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, someContent(random))
    if (random.chance(0.2)) chmodSync(path, 0o755)
  }
  symlinkSync('m.py', join(folder, 'link'))
}
