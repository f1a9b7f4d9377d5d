import { repositoryOf } from '../../lib/image-reference.ts'
import type { Facts, ServiceFact } from '../../readers/facts.ts'
import type { FoundDockerfile } from '../../scan/found.ts'
import { lastOf, type Match, type Matches, type UsedImage } from '../match/match.ts'

/** What decides which Dockerfile builds an image. */
interface Known {
  readonly facts: Facts
  readonly dockerfiles: readonly FoundDockerfile[]
  /** The choices of the user, by image: they count more than any file. */
  readonly given: ReadonlyMap<string, FoundDockerfile>
}

/**
 * The images and their Dockerfiles, where a file of another tool says which belong together; names decide about the
 * rest. Pure.
 */
export function declaredMatches(
  matches: Matches,
  images: readonly UsedImage[],
  { facts, dockerfiles, given }: Known,
): Matches {
  const built = new Map(matches.built)
  const kept = new Map(matches.kept)
  for (const repository of new Set(images.map(({ reference }) => repositoryOf(reference)))) {
    if (given.has(repository) || given.has(lastOf(repository))) continue
    const fact = facts.services.find((each) => isOf(each, repository)) ?? named(facts, repository, built)
    const match = fact === undefined ? undefined : matchOf(fact, dockerfiles)
    if (match === undefined) continue
    built.set(repository, match)
    kept.delete(repository)
  }
  return { built, kept }
}

/** The build of an image that a file of another tool describes. Pure. */
export function declaredBuild(
  repository: string,
  { facts, dockerfiles }: Pick<Known, 'facts' | 'dockerfiles'>,
): Match | undefined {
  const fact = facts.services.find((each) => isOf(each, repository))
  return fact === undefined ? undefined : matchOf(fact, dockerfiles)
}

function isOf({ image, build }: ServiceFact, repository: string): boolean {
  if (image === undefined || build === undefined) return false
  const own = repositoryOf(image)
  return own === repository || repository.endsWith(`/${own}`) || own.endsWith(`/${repository}`)
}

/** Compose names services and not images: its names count where those of the Dockerfiles say nothing. */
function named(facts: Facts, repository: string, built: ReadonlyMap<string, Match>): ServiceFact | undefined {
  if (built.has(repository)) return undefined
  return facts.services.find(
    ({ image, build, name }) => image === undefined && build !== undefined && name === lastOf(repository),
  )
}

function matchOf({ build }: ServiceFact, dockerfiles: readonly FoundDockerfile[]): Match | undefined {
  const all = dockerfiles.flatMap((each) => [each, ...each.variants])
  const dockerfile = all.find(({ file }) => file === build?.dockerfile)
  if (dockerfile === undefined || build === undefined) return undefined
  const same = dockerfile.context === build.context
  return {
    dockerfile: same ? dockerfile : { ...dockerfile, context: build.context },
    target: build.target,
    reason: undefined,
    ...(build.args === undefined ? {} : { args: build.args }),
  }
}
