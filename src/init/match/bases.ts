import { instructions } from '../../images/build/dockerfile.ts'
import { neededStages } from '../../images/build/stages.ts'
import { imageName, repositoryOf } from '../../lib/image-reference.ts'
import type { FoundDockerfile } from '../../scan/found.ts'
import { lastOf, type Match, type Matches } from './match.ts'
import { likenessTo, type NamedDockerfiles, namedDockerfiles } from './names.ts'
import { isPublished } from './published.ts'
import { nameOf, wordsOf } from './words.ts'

/** Images of the repository from which others of its images are built. */
export interface WithBases {
  /** The images that run, with what their base images say in the text of their Dockerfiles. */
  readonly matches: Matches
  /** By the name that FROM lines use. */
  readonly bases: ReadonlyMap<string, Match>
}

/** What a Dockerfile must have in common with the name of an image after FROM. */
const certain = 85

/** Finds the Dockerfiles that build the images after FROM. `declared` says what files of other tools know. Pure. */
export function withBases(
  matches: Matches,
  dockerfiles: readonly FoundDockerfile[],
  project: string,
  declared: (image: string) => Match | undefined,
): WithBases {
  const bases = new Map<string, Match>()
  const all = namedDockerfiles(dockerfiles, project)
  const find = (reference: string, user: Match): Match | undefined => {
    const match = declared(repositoryOf(reference)) ?? named(reference, all, project)
    return match?.dockerfile.file === user.dockerfile.file ? undefined : match
  }
  const complete = (match: Match, users: readonly string[]): Match => {
    const { dockerfile, target, args = {} } = match
    const { images } = neededStages(dockerfile.text, args, target)
    const own = images.flatMap((image) => {
      const base = users.includes(dockerfile.file) ? undefined : find(image, match)
      if (base === undefined) return []
      const whole = complete(base, [...users, dockerfile.file])
      bases.set(nameAfterFrom(image), whole)
      return [[image, whole] as const]
    })
    if (own.length === 0) return match
    return { ...match, dockerfile: { ...dockerfile, text: textOn(new Map(own), match) } }
  }
  const built = new Map([...matches.built].map(([image, match]) => [image, complete(match, [])] as const))
  return { matches: { ...matches, built }, bases }
}

/** The Dockerfile whose name says that it builds an image. */
function named(reference: string, dockerfiles: NamedDockerfiles, project: string): Match | undefined {
  if (isPublished(reference) || reference.includes('@')) return undefined
  const image = nameOf(lastOf(reference), wordsOf(project))
  const scored = dockerfiles.near(image).map(({ dockerfile, names }) => {
    return { dockerfile, score: likenessTo(names, image) }
  })
  const [best] = scored.filter(({ score }) => score >= certain).sort((a, b) => b.score - a.score)
  return best === undefined ? undefined : { dockerfile: best.dockerfile, target: undefined, reason: undefined }
}

/** The name by which devk finds the service of a base image: a short name counts only with its version. */
function nameAfterFrom(reference: string): string {
  const { path, tag } = imageName(reference)
  return path.includes('/') || tag === undefined || tag === 'latest' ? path : `${path}:${tag}`
}

/** A Dockerfile with its base images as its first stages, without what those copy from contexts of their own. */
function textOn(bases: ReadonlyMap<string, Match>, { dockerfile, args = {} }: Match): string {
  const lines = [...bases].flatMap(([image, { dockerfile: base, target }]) => {
    const steps = instructions(base.text).filter(({ keyword }) => !/^(COPY|ADD)$/.test(keyword))
    const own = steps.map(({ keyword, text }) => `${keyword} ${text}`)
    const last = steps.findLastIndex(({ keyword }) => keyword === 'FROM')
    const [, name] = /\s[Aa][Ss]\s+(\S+)\s*$/.exec(steps[last]?.text ?? '') ?? []
    if (target === undefined && name === undefined && last >= 0) own[last] = `${own[last]} AS ${image}`
    return target === undefined && name === undefined ? own : [...own, `FROM ${target ?? name} AS ${image}`]
  })
  const named = new Map<string, string>()
  const rest = instructions(dockerfile.text).flatMap(({ keyword, text }) => {
    const [, variable, otherwise] = keyword === 'ARG' ? (/^(\w+)(?:=(\S*))?/.exec(text) ?? []) : []
    if (variable !== undefined) named.set(variable, args[variable] ?? otherwise ?? '')
    if (keyword !== 'FROM') return [`${keyword} ${text}`]
    const filled = text.replace(/\$\{?(\w+)(?::?-[^}]*)?\}?/g, (whole, key: string) => named.get(key) || whole)
    return [`FROM ${filled}`]
  })
  return `${[...lines, ...rest].join('\n')}\n`
}
