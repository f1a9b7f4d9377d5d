import { createHash } from 'node:crypto'
import { dirname } from 'node:path'
import { decoys } from '../live/source.ts'
import { fileState, type Tree } from './tree.ts'

const untouched = new Map(
  decoys.map((path) => [
    path as string,
    fileState(createHash('sha256').update(`${path} of the image\n`).digest('hex'), 0o644),
  ]),
)
const ofDecoys: ReadonlySet<string> = new Set(decoys.map((path) => dirname(path)))

/** What a container has other than the tree on disk and the files of its image. Folders without files need not be there. */
export function differences(disk: Tree, container: Tree): string[] {
  const wanted = new Map([...disk.files, ...untouched])
  const paths = new Set([...wanted.keys(), ...container.files.keys()])
  const files = [...paths].filter((path) => wanted.get(path) !== container.files.get(path))
  const folders = [...container.folders].filter((path) => !disk.folders.has(path) && !ofDecoys.has(path))
  return [
    ...files.map(
      (path) => `${path} is ${container.files.get(path) ?? 'missing'}, not ${wanted.get(path) ?? 'deleted'}`,
    ),
    ...folders.map((path) => `the folder ${path} was not deleted`),
  ]
}
