import { dirname } from 'node:path/posix'
import { imageName, repositoryOf } from '../../lib/image-reference.ts'
import { oneOf } from '../../lib/one-of.ts'
import type { FoundDockerfile } from '../../scan/found.ts'
import { likenessTo, type NamedDockerfiles, namedDockerfiles } from './names.ts'
import { isPublished } from './published.ts'
import { likeness, nameOf, wordsOf } from './words.ts'

/** The Dockerfile that builds an image of the manifests. */
export interface Match {
  readonly dockerfile: FoundDockerfile
  /** The stage to build, if the image is named after one. */
  readonly target: string | undefined
  /** Why it was chosen, if its name does not say so. */
  readonly reason: string | undefined
  /** Build arguments that a file of another tool gives. */
  readonly args?: Readonly<Record<string, string>>
}

/** The images of a project and the Dockerfiles that build them. */
export interface Matches {
  /** By the repository of the image. */
  readonly built: ReadonlyMap<string, Match>
  /** Published images that a Dockerfile of the same name could build, but does not. */
  readonly kept: ReadonlyMap<string, FoundDockerfile>
}

/** An image of the manifests. */
export interface UsedImage {
  readonly reference: string
  /** Where the manifests are that run it: of several Dockerfiles with the same name, the nearest counts. */
  readonly place: string
  /** Whether the manifests say what the container runs. */
  readonly hasCommand: boolean
}

/** What two names must have in common. */
const enough = 30
/** What they must have in common for one Dockerfile to build a second image. */
const certain = 70

/** The Dockerfiles of a repository. */
export interface Known {
  readonly dockerfiles: readonly FoundDockerfile[]
  /** What the user says, by the name of an image: `api`, or `acme/api` to tell two apart. */
  readonly given: ReadonlyMap<string, FoundDockerfile>
}

/** A Dockerfile that may build an image, and from 0 to 100 how well its names fit. */
export interface Candidate extends Match {
  readonly image: UsedImage
  readonly score: number
}

/**
 * Matches images to Dockerfiles by their names. An image that somebody else publishes stays as it is. Pure.
 */
export function matchImages(images: readonly UsedImage[], { dockerfiles, given }: Known, project: string): Matches {
  const unique = [...new Map(images.map((image) => [repositoryOf(image.reference), image] as const)).values()]
  const named = namedDockerfiles(dockerfiles, project)
  const candidates = unique.flatMap((image) => candidatesOf(image, named, project))
  const siblings = new Map<FoundDockerfile, number>()
  for (const { dockerfile, score } of candidates) {
    if (score >= certain) siblings.set(dockerfile, (siblings.get(dockerfile) ?? 0) + 1)
  }
  // Of two that fit as well, the one that builds more images of the project.
  const siblingsOf = ({ dockerfile }: Candidate) => siblings.get(dockerfile) ?? 0
  const sorted = candidates.toSorted(
    (a, b) => b.score - a.score || siblingsOf(b) - siblingsOf(a) || distance(a) - distance(b),
  )
  const built = new Map<string, Match>()
  const kept = new Map<string, FoundDockerfile>()
  const taken = new Map<string, string>()
  for (const image of unique) {
    const repository = repositoryOf(image.reference)
    const dockerfile = given.get(repository) ?? given.get(lastOf(image.reference))
    if (dockerfile === undefined) continue
    const isIts = (each: Candidate) => each.image === image && each.dockerfile === dockerfile && each.score >= certain
    const target = sorted.find(isIts)?.target
    taken.set(`${dockerfile.file} ${target ?? ''}`, unversioned(image.reference))
    built.set(repository, { dockerfile, target, reason: undefined })
  }
  for (const { image, dockerfile, target, reason, score } of sorted) {
    const repository = repositoryOf(image.reference)
    const key = `${dockerfile.file} ${target ?? ''}`
    const isOther = taken.has(key) && taken.get(key) !== unversioned(image.reference)
    if (built.has(repository) || (isOther && score < certain)) continue
    if (isPublished(image.reference) && !(score >= 95 && runsNothing(image))) {
      if (score >= certain && !kept.has(repository)) kept.set(repository, dockerfile)
      continue
    }
    taken.set(key, unversioned(image.reference))
    built.set(repository, { dockerfile, target, reason })
  }
  const all = withLast(built, kept, unique, dockerfiles)
  const inOrder = unique.flatMap(({ reference }) => {
    const match = all.get(repositoryOf(reference))
    return match === undefined ? [] : [[repositoryOf(reference), match] as const]
  })
  return { built: new Map(inOrder), kept }
}

/** The Dockerfiles whose names say that they may build an image, the likeliest first. Pure. */
export function candidatesOf(image: UsedImage, dockerfiles: NamedDockerfiles, project: string): Candidate[] {
  const own = nameOf(lastOf(image.reference), wordsOf(project))
  const found: Candidate[] = []
  for (const { dockerfile, names, stages } of dockerfiles.near(own)) {
    const add = (target: string | undefined, score: number) => {
      if (score >= enough) found.push({ image, dockerfile, reason: undefined, target, score })
    }
    add(undefined, likenessTo(names, own))
    for (const { target, name } of stages) add(target, likeness(own, name))
  }
  return found.sort((a, b) => b.score - a.score || distance(a) - distance(b))
}

/** An image without the version in its name: reviews-v1 and reviews-v2 come from one Dockerfile. */
function unversioned(reference: string): string {
  return wordsOf(repositoryOf(reference))
    .filter((word) => !/^v\d+$/.test(word))
    .join(' ')
}

/** A base image of a language without a version: a container of it would end at once, so a Dockerfile builds it. */
function runsNothing({ reference, hasCommand }: UsedImage): boolean {
  const { registry, path, tag } = imageName(reference)
  return !hasCommand && registry === '' && !/\d/.test(tag ?? '') && !reference.includes('@') && language.test(path)
}

const language = oneOf('node python php ruby golang rust perl openjdk eclipse-temurin gcc debian ubuntu alpine busybox')

/** How many folders lie between a Dockerfile and the manifests that run its image. */
function distance({ image: { place }, dockerfile: { file } }: Candidate): number {
  const [a, b] = [place.split('/'), dirname(file).split('/')]
  const same = a.findIndex((part, i) => part !== b[i])
  const common = same < 0 ? a.length : same
  return a.length + b.length - 2 * common
}

/**
 * If exactly one image and one Dockerfile remain, they belong together, whatever their names are: unless the image may
 * be that of somebody else.
 */
function withLast(
  built: Map<string, Match>,
  kept: ReadonlyMap<string, FoundDockerfile>,
  images: readonly UsedImage[],
  dockerfiles: readonly FoundDockerfile[],
): Map<string, Match> {
  const taken = new Set([...[...built.values()].map(({ dockerfile }) => dockerfile), ...kept.values()])
  const free = dockerfiles.filter((dockerfile) => !taken.has(dockerfile) && !isHelper(dockerfile.file))
  const own = new Set([...built.keys()].map(ownerOf))
  const left = images.filter(({ reference }) => !built.has(repositoryOf(reference)) && !isPublished(reference))
  const isOwn = ({ reference }: UsedImage) =>
    !repositoryOf(reference).includes('/') || own.has(ownerOf(repositoryOf(reference))) || dockerfiles.length === 1
  const [dockerfile, image] = [free[0], left[0]]
  if (dockerfile === undefined || image === undefined || free.length > 1 || left.length > 1 || !isOwn(image))
    return built
  const { path } = imageName(image.reference)
  const reason = `${dockerfile.file} is the only Dockerfile left, and ${path} the only image.`
  return built.set(repositoryOf(image.reference), { dockerfile, target: undefined, reason })
}

/** Whether a Dockerfile is for people who work on the repository, not for what it deploys. Pure. */
export function isHelper(file: string): boolean {
  return /(^|\/)(\.[^/]+|tests?|e2e|docs?|ci|tools?|hack|scripts?|examples?)\//i.test(file)
}

function ownerOf(repository: string): string {
  return repository.split('/').slice(0, -1).join('/')
}

/** The last part of the repository of an image: `api` for `acme/api:1`. Pure. */
export function lastOf(reference: string): string {
  const path = repositoryOf(reference)
  return path.slice(path.lastIndexOf('/') + 1)
}
