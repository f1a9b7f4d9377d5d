import { posix } from 'node:path'

/** A path of a file in `folder`, relative to the repository; undefined for one that leaves the repository. */
export function pathIn(folder: string, path: string): string | undefined {
  if (path.startsWith('/') || path.startsWith('~') || path.includes('\\') || /\$|\{\{|:\/\//.test(path)) return
  const whole = posix.normalize(posix.join(folder, path)).replace(/(?<=.)\/$/, '')
  return whole === '..' || whole.startsWith('../') ? undefined : whole
}

/** The folder of a file; `.` for one at the root. */
export function folderOf(file: string): string {
  return posix.dirname(file)
}

/** A glob pattern as the folder or file that it begins with, and the rest, which is empty without wildcards. */
export function splitGlob(pattern: string): { readonly fixed: string; readonly rest: string } {
  const steps = posix.normalize(pattern).split('/')
  const wild = steps.findIndex((step) => /[*?[{]/.test(step))
  if (wild < 0) return { fixed: steps.join('/').replace(/(?<=.)\/$/, ''), rest: '' }
  return { fixed: steps.slice(0, wild).join('/') || '.', rest: steps.slice(wild).join('/') }
}

/** Whether a path is a folder, or is in it. */
export function isIn(path: string, folder: string): boolean {
  return folder === '.' || path === folder || path.startsWith(`${folder}/`)
}

/** A path, which is in `folder`, relative to it. */
export function below(folder: string, path: string): string {
  if (folder === '.') return path
  return path === folder ? '.' : path.slice(folder.length + 1)
}
