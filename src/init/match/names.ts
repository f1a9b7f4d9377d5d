import { dirname } from 'node:path/posix'
import { oneOf } from '../../lib/one-of.ts'
import { ownName } from '../../scan/dockerfiles.ts'
import type { FoundDockerfile } from '../../scan/found.ts'
import { endsOf, keysOf, likeness, type Name, nameOf, wordsOf } from './words.ts'

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

/** Names of stages that describe how an image is built, not which image it is. */
const steps = oneOf(
  `base build(er)? deps dependencies compile run(ner|time)? prod(uction)? dev(elopment)? tests? lint final release
  d+`,
)

/** How many Dockerfiles lie in each folder and below it. Pure. */
export function countsByFolder(dockerfiles: readonly FoundDockerfile[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { file } of dockerfiles) {
    for (let folder = dirname(file); folder !== '.'; folder = dirname(folder))
      counts.set(folder, (counts.get(folder) ?? 0) + 1)
  }
  return counts
}

/** The names that the images of a Dockerfile may have, the likeliest first. `counts`: see `countsByFolder`. Pure. */
export function possibleNames(
  dockerfile: FoundDockerfile,
  counts: ReadonlyMap<string, number>,
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
    if (counts.get(path) === 1) names.push({ name, doubt: 8 })
    else if (nearest !== undefined && nearest.path !== path) names.push({ name: `${name}-${nearest.name}`, doubt: 4 })
  }
  const generics = parts.filter((name) => generic.test(name) && !/^(src|docker|build)$/.test(name))
  if (own === undefined) names.push(...generics.map((name) => ({ name, doubt: 10 })))
  if (packageName !== undefined) names.push({ name: packageName, doubt: 5 })
  if (context !== folder && context !== '.') names.push({ name: context.split('/').at(-1) ?? '', doubt: 6 })
  return names
}

/** A Dockerfile with the names by which it is found. */
export interface NamedDockerfile {
  readonly dockerfile: FoundDockerfile
  readonly names: readonly (Name & Pick<PossibleName, 'doubt'>)[]
  /** The stages that may be images of their own. */
  readonly stages: readonly { readonly target: string; readonly name: Name }[]
}

/** How well the name of an image fits the best of these names. Pure. */
export function likenessTo(names: NamedDockerfile['names'], image: Name): number {
  return names.reduce((best, name) => Math.max(best, likeness(image, name) - name.doubt), 0)
}

/** Dockerfiles that are found by names. */
export interface NamedDockerfiles {
  readonly all: readonly NamedDockerfile[]
  /** Those that have anything in common with the name of an image, in their order. All others have a likeness of 0. */
  near(image: Name): readonly NamedDockerfile[]
}

/** Takes the names of all Dockerfiles apart, once for all images. Pure. */
export function namedDockerfiles(dockerfiles: readonly FoundDockerfile[], project: string): NamedDockerfiles {
  const counts = countsByFolder(dockerfiles)
  const about = wordsOf(project)
  const all = dockerfiles.map((dockerfile): NamedDockerfile => {
    const names = possibleNames(dockerfile, counts, project)
    const stages = dockerfile.stages.filter((stage) => !steps.test(stage))
    return {
      dockerfile,
      names: names.map(({ name, doubt }) => ({ ...nameOf(name, about), doubt })),
      stages: stages.map((target) => ({ target, name: nameOf(target, about) })),
    }
  })
  const places = new Map<string, number[]>()
  all.forEach(({ names, stages }, place) => {
    for (const key of [...names, ...stages.map(({ name }) => name)].flatMap((name) => [...keysOf(name)])) {
      const known = places.get(key)
      if (known === undefined) places.set(key, [place])
      else if (known.at(-1) !== place) known.push(place)
    }
  })
  return {
    all,
    near(image) {
      const found = new Set([...keysOf(image), ...endsOf(image.short)].flatMap((key) => places.get(key) ?? []))
      return [...found].sort((a, b) => a - b).flatMap((place) => all[place] ?? [])
    },
  }
}
