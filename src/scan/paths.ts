import { oneOf } from '../lib/one-of.ts'

/** Whether a path (relative to the repository, with slashes) is a folder or below it. Pure. */
export function isBelow(path: string, folder: string): boolean {
  return folder === '.' || path === folder || path.startsWith(`${folder}/`)
}

/** The number of folders above a file. Pure. */
export function depth(path: string): number {
  return path === '.' ? 0 : path.split('/').length
}

/** Parts of paths with what is not deployed: tests, documentation, what tools write. */
const aside = oneOf(
  `tests? e2e .*[-_]tests? tests?[-_].* specs? docs? documentation website examples? samples? demos? hack ci benchmarks?
  perf load-?tests? archived? deprecated legacy backups? old build out tmp snapshots?`,
  'i',
)

/** Whether a path lies in a folder of tests, documentation or the like. Pure. */
export function isAside(path: string): boolean {
  return path
    .split('/')
    .slice(0, -1)
    .some((part) => aside.test(part))
}
