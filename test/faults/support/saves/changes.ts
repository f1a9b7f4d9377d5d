import {
  appendFileSync,
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Random } from '../random.ts'
import { makeTree, pathsBelow, someContent, someFolder, somePath } from './tree.ts'

/** A change of a source folder, as an editor, a shell or Git makes it. */
export type Change = (folder: string, random: Random) => void

function kindOf(path: string): 'nothing' | 'folder' | 'file' {
  try {
    return lstatSync(path).isDirectory() ? 'folder' : 'file'
  } catch {
    return 'nothing'
  }
}

/** Makes the folder of a path. Gives false when a file is in the way. */
function isPlaced(root: string, path: string): boolean {
  for (let at = dirname(path); at !== root && at !== dirname(at); at = dirname(at)) {
    if (kindOf(at) === 'file') return false
  }
  mkdirSync(dirname(path), { recursive: true })
  return kindOf(path) !== 'folder'
}

/** Paths of all files, or of all folders, below a folder. */
function entriesOf(folder: string, kind: 'file' | 'folder'): string[] {
  const chosen = pathsBelow(folder).filter((path) => kindOf(path) === kind)
  return chosen.map((path) => relative(folder, path)).sort()
}

/** Calls with the path of a file that exists, if any does. */
const withFile =
  (act: (path: string, folder: string, random: Random) => void): Change =>
  (folder, random) => {
    const files = entriesOf(folder, 'file')
    if (files.length > 0) act(join(folder, random.pick(files)), folder, random)
  }

/** Calls with the path of a folder that exists, if any does. */
const withFolder =
  (act: (path: string, folder: string, random: Random) => void): Change =>
  (folder, random) => {
    const folders = entriesOf(folder, 'folder')
    if (folders.length > 0) act(join(folder, random.pick(folders)), folder, random)
  }

const write: Change = (folder, random) => {
  const path = join(folder, somePath(random))
  if (!isPlaced(folder, path)) return
  if (kindOf(path) === 'file' && lstatSync(path).isSymbolicLink()) rmSync(path)
  writeFileSync(path, someContent(random))
}

const single: readonly Change[] = [
  write,
  write,
  withFile((path, _folder, random) => {
    if (lstatSync(path).isSymbolicLink()) return
    appendFileSync(path, random.text(20))
  }),
  // As editors save: the new file takes the place of the old one.
  withFile((path, folder, random) => {
    writeFileSync(join(folder, '.new.swp'), someContent(random))
    renameSync(join(folder, '.new.swp'), path)
  }),
  // As vim saves with a backup.
  withFile((path, _folder, random) => {
    renameSync(path, `${path}~`)
    writeFileSync(path, someContent(random))
    rmSync(`${path}~`)
  }),
  withFile((path) => rmSync(path)),
  withFile((path, _folder, random) => {
    rmSync(path)
    writeFileSync(path, someContent(random))
  }),
  withFile((path, folder, random) => {
    const to = join(folder, somePath(random))
    if (!to.startsWith(`${path}/`) && isPlaced(folder, to)) renameSync(path, to)
  }),
  withFile((path) => {
    const stats = lstatSync(path)
    if (!stats.isSymbolicLink()) chmodSync(path, (stats.mode & 0o100) === 0 ? 0o755 : 0o644)
  }),
  withFile((path, _folder, random) => {
    rmSync(path)
    symlinkSync(random.pick(['m.py', '../b/n.js', 'nowhere']), path)
  }),
  withFile((path, _folder, random) => {
    rmSync(path)
    mkdirSync(path)
    writeFileSync(join(path, 'inside'), someContent(random))
  }),
  withFolder((path) => rmSync(path, { recursive: true })),
  withFolder((path, folder, random) => {
    const to = join(folder, someFolder(random))
    if (to === path || to.startsWith(`${path}/`) || !isPlaced(folder, to) || kindOf(to) !== 'nothing') return
    renameSync(path, to)
  }),
  // The image has files of its own in `a` and below, so a file cannot take its place.
  withFolder((path, folder, random) => {
    if (path === join(folder, 'a')) return
    rmSync(path, { recursive: true })
    writeFileSync(path, someContent(random))
  }),
  (folder, random) => {
    const fresh = join(folder, `new ${random.text(2)}`, 'deep')
    if (kindOf(dirname(fresh)) === 'nothing') makeTree(fresh, random)
  },
]

/** Many changes at once, as a formatter or a generator makes them. */
const burst: Change = (folder, random) => {
  for (let left = random.int(20, 150); left > 0; left -= 1) random.pick(single)(folder, random)
}

/** Most files become others at once, and some go, as with `git switch`. */
const otherBranch: Change = (folder, random) => {
  for (const name of readdirSync(folder).sort()) if (random.chance(0.7)) rmSync(join(folder, name), { recursive: true })
  for (let left = random.int(5, 30); left > 0; left -= 1) write(folder, random)
}

/** One change of one file or folder. */
export const calmChange: Change = (folder, random) => random.pick(single)(folder, random)

/** One change, which may consist of many. */
export const change: Change = (folder, random) => {
  if (random.chance(0.1)) burst(folder, random)
  else if (random.chance(0.08)) otherBranch(folder, random)
  else calmChange(folder, random)
}
