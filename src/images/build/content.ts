import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { DevkError } from '../../errors.ts'
import { shortReference } from '../../lib/image-reference.ts'
import { type ContextEntry, contextFiles } from './context.ts'
import { type HashOptions, hashOf, listed, part } from './digests.ts'
import type { BuildRequest } from './request.ts'
import { buildSources, entriesIn } from './sources.ts'
import { neededStages } from './stages.ts'
import { type Reading, readingOf } from './unchanged.ts'

/** The part of a build that decides its result. */
export type HashedBuild = Pick<
  BuildRequest,
  'context' | 'dockerfile' | 'contexts' | 'target' | 'args' | 'platform' | 'caCertificates'
>

/** What is known about an image that a build starts from or copies from. */
export interface BaseImage {
  /** Identifies its content; undefined when this machine does not have the image. */
  readonly id: string | undefined
  /** Whether it has ONBUILD instructions, which may copy anything. */
  readonly triggers: boolean
}

/** The content of a build: all that decides its result. */
export interface BuildContent extends Reading {
  /** The images that it starts or copies from, as the Dockerfile names them. */
  readonly images: readonly string[]
  /** A hash (16 hex digits) of the content, with what is known about each of `images` and of contexts that are none. */
  hash(bases: ReadonlyMap<string, BaseImage>, contexts?: Readonly<Record<string, string>>): string
}

/**
 * Reads what a build uses: paths, modes, link targets and contents that the Dockerfile copies, the Dockerfile, target,
 * platform, CA bundle, and the arguments that it declares. What is not in the image does not count: a README that is
 * never copied, an argument that nothing reads. Files with the same size, times and inode as in the last run are not
 * read again. Throws BUILD_FAILED when the context or the Dockerfile does not exist.
 */
export async function buildContent(build: HashedBuild, options: HashOptions): Promise<BuildContent> {
  const names = new Set(Object.keys(build.contexts).map(shortReference))
  const folders = Object.entries(build.contexts).filter(([, source]) => isAbsolute(source))
  // BuildKit reads only this ignore file in other contexts.
  const otherPaths = folders.map(([, context]) => ({ context, dockerfile: join(context, '.dockerignore') }))
  const dockerfile = await readDockerfile(build.dockerfile)
  const [{ entries, digests }, others] = await Promise.all([
    listed(build, options),
    Promise.all(otherPaths.map((paths) => listed(paths, options))),
  ])
  options.onListed?.(entries)
  const needed = neededStages(dockerfile, build.args, build.target)
  const { stages, certain } = needed
  const images = needed.images.filter((image) => !names.has(shortReference(image)))
  const sources = buildSources(dockerfile, stages, Object.keys(build.args))
  const inUse = (all: readonly ContextEntry[]) => (sources.paths && entriesIn(all, sources.paths)) ?? all
  const used = inUse(entries)
  const { changed } = await readingOf(build.dockerfile, [used, ...others.map((each) => each.entries)], async () => [
    inUse(await contextFiles(build)),
    ...(await Promise.all(otherPaths.map((paths) => contextFiles(paths)))),
  ])
  const [whole, chosen] = [hashOf({ entries, digests }), hashOf({ entries: used, digests })]
  const more = folders.map(([name], i) => [name, others[i] === undefined ? '' : hashOf(others[i])] as const)
  const ca = build.caCertificates === undefined ? undefined : await readFile(build.caCertificates, 'utf8')
  return {
    changed,
    images,
    hash(bases, contexts = {}) {
      const hash = createHash('sha256')
      part(hash, 'dockerfile', dockerfile)
      part(hash, 'target', build.target ?? '')
      part(hash, 'platform', build.platform ?? '')
      for (const [name, value] of Object.entries(build.args).sort()) {
        if (sources.usesArgument(name)) part(hash, 'arg', name, value)
      }
      for (const [name, value] of [...more, ...Object.entries(contexts)].sort()) part(hash, 'context', name, value)
      if (ca !== undefined) part(hash, 'ca', ca)
      const known = images.map((image) => bases.get(image))
      for (const [i, base] of known.entries()) part(hash, 'base', images[i] ?? '', base?.id ?? '')
      const mayTrigger = !certain || known.some((base) => base?.id === undefined || base.triggers)
      part(hash, 'files', mayTrigger ? whole : chosen)
      return hash.digest('hex').slice(0, 16)
    },
  }
}

/** The text of a Dockerfile. Throws BUILD_FAILED when it does not exist. */
export async function readDockerfile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new DevkError('BUILD_FAILED', `The Dockerfile ${file} does not exist`, {
      cause: error,
      hint: 'Set build.dockerfile to its path, relative to the context.',
    })
  }
}
