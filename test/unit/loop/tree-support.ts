import type { SyncFile } from '../../../src/sync/syncer.ts'
import type { Change } from '../../../src/watch/changes.ts'

/** Files by path. A folder is a key with the value undefined. */
export type Tree = Map<string, string | undefined>

/** The folders above a path, the topmost first. */
function parents(path: string): string[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'))
}

/** Removes a file, or a folder with what is in it. */
export function remove(tree: Tree, path: string): void {
  for (const key of [...tree.keys()]) if (key === path || key.startsWith(`${path}/`)) tree.delete(key)
}

/** Writes as a user does: what is in the way is replaced. */
export function put(tree: Tree, path: string, text: string): void {
  remove(tree, path)
  for (const parent of parents(path)) {
    if (tree.get(parent) !== undefined) remove(tree, parent)
    tree.set(parent, undefined)
  }
  tree.set(path, text)
}

/** What the watch reports: deletions first, and folders after their contents. */
export function changesBetween(before: Tree, after: Tree): Change[] {
  const changes: Change[] = []
  for (const [path, text] of [...before].sort(([a], [b]) => b.length - a.length)) {
    const isFolder = text === undefined
    if (after.has(path) && (after.get(path) === undefined) === isFolder) continue
    changes.push({ path: `/p/${path}`, kind: 'deleted', ...(isFolder ? { directory: true } : {}) })
  }
  for (const [path, text] of after) {
    if (text !== undefined && before.get(path) !== text) changes.push({ path: `/p/${path}`, kind: 'changed' })
  }
  return changes
}

/** Makes one change in a container. A file does not replace a folder, and only an empty folder is deleted. */
export function inContainer(tree: Tree, disk: Tree, file: SyncFile): void {
  const path = file.to.replace('/app/', 'src/')
  if (file.kind === 'delete') {
    const isFolder = tree.has(path) && tree.get(path) === undefined
    const isEmpty = ![...tree.keys()].some((key) => key.startsWith(`${path}/`))
    if (file.directory ? isFolder && isEmpty : !isFolder) tree.delete(path)
    return
  }
  const text = disk.get(file.from.slice('/p/'.length))
  if (text === undefined) return
  for (const parent of parents(path)) {
    if (tree.get(parent) !== undefined) throw new Error(`${parent} is no folder`)
    tree.set(parent, undefined)
  }
  if (tree.has(path) && tree.get(path) === undefined) throw new Error(`${path} is a folder`)
  tree.set(path, text)
}

/** The synced files. */
export const filesOf = (tree: Tree) =>
  Object.fromEntries([...tree].filter(([path, text]) => text !== undefined && path.startsWith('src/')).sort())
