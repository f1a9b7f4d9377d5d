import { dirname } from 'node:path/posix'
import { oneOf } from '../../lib/one-of.ts'
import { ownName } from '../../scan/dockerfiles.ts'
import type { FoundDockerfile } from '../../scan/found.ts'
import { isBelow } from '../../scan/paths.ts'

/** A name that an image of a Dockerfile may have. */
export interface PossibleName {
  readonly name: string
  /** Subtracted from the likeness: how much less it says than the nearest folder. */
  readonly doubt: number
}

/** Folders whose names say nothing about the image. */
const generic = oneOf(
  `.?(src|source|sources|build|builds|docker|dockerfiles?|containers?|images?|deploy|deployments?|package|packaging)
  ci cmd main app code k8s kubernetes infra`,
  'i',
)

/** The names that the images of a Dockerfile may have, the likeliest first. Pure. */
export function possibleNames(
  dockerfile: FoundDockerfile,
  all: readonly FoundDockerfile[],
  project: string,
): PossibleName[] {
  const { file, context, packageName } = dockerfile
  const own = ownName(file)
  const folder = dirname(file)
  const parts = folder === '.' ? [] : folder.split('/')
  const telling = parts
    .map((name, i) => ({ name, path: parts.slice(0, i + 1).join('/') }))
    .filter(({ name }) => !generic.test(name))
  const nearest = telling.at(-1)
  const names: PossibleName[] = []
  if (own !== undefined) names.push({ name: own, doubt: 0 })
  else if (nearest !== undefined) names.push({ name: nearest.name, doubt: 0 })
  else names.push({ name: parts.at(-1) ?? project, doubt: 0 }, { name: project, doubt: 1 })
  if (own !== undefined && nearest !== undefined) names.push({ name: `${nearest.name}-${own}`, doubt: 0 })
  // The folder further up is named after the image only if it holds no other Dockerfile.
  for (const { name, path } of telling.slice(0, own === undefined ? -1 : undefined)) {
    const others = all.filter((other) => isBelow(other.file, path))
    if (others.length === 1) names.push({ name, doubt: 8 })
    else if (nearest !== undefined && nearest.path !== path) names.push({ name: `${name}-${nearest.name}`, doubt: 4 })
  }
  const generics = parts.filter((name) => generic.test(name) && !/^(src|docker|build)$/.test(name))
  if (own === undefined) names.push(...generics.map((name) => ({ name, doubt: 10 })))
  if (packageName !== undefined) names.push({ name: packageName, doubt: 5 })
  if (context !== folder && context !== '.') names.push({ name: context.split('/').at(-1) ?? '', doubt: 6 })
  return names
}
