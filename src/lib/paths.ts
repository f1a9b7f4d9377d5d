import { stat } from 'node:fs/promises'
import { sep } from 'node:path'

/** Whether an absolute path is `root` or below it. Pure. */
export function isWithin(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep)
}

/** Whether there is something at a path that this user can look at, behind links. Never rejects. */
export function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/** Whether a folder, or a link to one, is at a path. Never rejects. */
export function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
