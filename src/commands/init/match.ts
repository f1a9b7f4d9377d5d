import { basename } from 'node:path'
import { repositoryOf } from '../../lib/image-reference.ts'
import type { FoundDockerfile } from './scan.ts'

/** The Dockerfile that builds an image of the manifests. */
export interface Match {
  readonly dockerfile: FoundDockerfile
  /** The stage to build, if the image is named after one. */
  readonly target: string | undefined
}

/** Names of stages that describe how an image is built, not which image it is. */
const steps =
  /^(base|build(er)?|deps|dependencies|compile|run(ner|time)?|prod(uction)?|dev(elopment)?|test|final|release)$/

/** Images that projects use but do not build, by the last part of their names. */
const published: ReadonlySet<string> = new Set(
  (
    'postgres postgresql mysql mariadb redis valkey memcached mongo mongodb rabbitmq kafka zookeeper nats consul ' +
    'vault etcd nginx httpd traefik haproxy busybox alpine debian ubuntu python node golang minio elasticsearch ' +
    'opensearch kibana prometheus grafana jaeger loki victoria-logs curl'
  ).split(' '),
)

/**
 * Matches images (references of the manifests) to Dockerfiles by their names. Returns a map from the repository of an
 * image to its match, without the images that no Dockerfile builds. Pure.
 */
export function matchImages(
  images: readonly string[],
  dockerfiles: readonly FoundDockerfile[],
  project: string,
): Map<string, Match> {
  const matches = new Map<string, Match>()
  for (const image of new Set(images.map(repositoryOf))) {
    const candidates = dockerfiles.flatMap((dockerfile) => [
      {
        dockerfile,
        target: undefined,
        score: Math.max(...namesOf(dockerfile, project).map((name) => score(image, name))),
      },
      ...dockerfile.stages
        .filter((stage) => !steps.test(stage))
        .map((target) => ({ dockerfile, target, score: score(image, target) })),
    ])
    const best = candidates.sort((a, b) => b.score - a.score)[0]
    if (best !== undefined && best.score > 0) matches.set(image, { dockerfile: best.dockerfile, target: best.target })
  }
  return withLast(matches, images, dockerfiles)
}

/** If exactly one image and one Dockerfile remain, they belong together, whatever their names are. */
function withLast(
  matches: Map<string, Match>,
  images: readonly string[],
  dockerfiles: readonly FoundDockerfile[],
): Map<string, Match> {
  const taken = new Set([...matches.values()].map(({ dockerfile }) => dockerfile))
  const free = dockerfiles.filter((dockerfile) => !taken.has(dockerfile))
  const left = [...new Set(images.map(repositoryOf))].filter(
    (image) => !matches.has(image) && !published.has(lastOf(image)) && !image.includes('/'),
  )
  const [dockerfile, image] = [free[0], left[0]]
  if (dockerfile !== undefined && image !== undefined && free.length === 1 && left.length === 1) {
    matches.set(image, { dockerfile, target: undefined })
  }
  return matches
}

/** The last part of a repository name: `api` for `acme/api`. Pure. */
export function lastOf(repository: string): string {
  return repository.slice(repository.lastIndexOf('/') + 1)
}

function namesOf({ file, context }: FoundDockerfile, project: string): string[] {
  const own = /^Dockerfile\.(.+)$/.exec(basename(file))?.[1] ?? /^(.+)\.[Dd]ockerfile$/.exec(basename(file))?.[1]
  if (own !== undefined) return [own]
  const folder = file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : context
  return [folder === '.' ? project : basename(folder)]
}

function score(image: string, name: string): number {
  const last = lastOf(image)
  if (last === name) return 4
  if (last.endsWith(`-${name}`)) return 3
  if (last.startsWith(`${name}-`)) return 2
  return name.endsWith(`-${last}`) || name.startsWith(`${last}-`) ? 1 : 0
}
