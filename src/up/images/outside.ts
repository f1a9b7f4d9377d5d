import { createHash } from 'node:crypto'
import { join, relative } from 'node:path'
import type { LoadedConfig, ServiceBuild } from '../../config/schema.ts'
import { statusOf } from '../../engine/client.ts'
import { engineFailure } from '../../engine/failure.ts'
import type { ImageInfo, ImageStore } from '../../engine/image-api.ts'
import { builderEnvironment } from '../../exec/environment.ts'
import type { ContextEntry } from '../../images/build/context.ts'
import { lastLines } from '../../images/build/progress.ts'
import { outsideContent } from '../../images/outside/content.ts'
import { parseDuration } from '../../lib/duration.ts'
import { labels } from '../../lib/keys.ts'
import { runLocal } from '../../local/run.ts'
import { listingOf } from './built.ts'
import { type ContextListing, type ImageSource, type ImageWork, noSettings, type WorkOptions } from './work.ts'
import { writeOnce } from './write-once.ts'

/** A service whose image a command makes. */
export interface OutsideOwner {
  readonly owner: string
  readonly build: ServiceBuild
}

/**
 * The image that `build.command` of a service makes, named after its sources. devk builds one from it that has nothing
 * but its labels more, so that it is found and removed like the others. Throws what reading the sources throws.
 */
export async function outsideImage(
  config: Pick<LoadedConfig, 'name' | 'file' | 'root'>,
  { owner, build }: OutsideOwner,
  options: WorkOptions,
): Promise<ImageWork> {
  const { context, command = [], env, watch } = build
  let listing: ContextListing | undefined
  const onListed = (entries: readonly ContextEntry[]) => {
    listing = listingOf(context, entries)
  }
  const sources = { context, command, env, watch }
  const content = await outsideContent(sources, options.listed ? { ...options, onListed } : options)
  const image = `devk.local/${config.name}/${owner}:latest`
  const dockerfile = `FROM ${image}\n`
  const folder = join(options.outsideFolder, createHash('sha256').update(dockerfile).digest('hex').slice(0, 16))
  await writeOnce(folder, { Dockerfile: { content: dockerfile, mode: 0o644 } })
  const tag = `${options.registry}/${config.name}/${owner}:${content.hash}`
  return {
    owner,
    reference: tag,
    request: {
      ...noSettings,
      context: folder,
      dockerfile: join(folder, 'Dockerfile'),
      tag,
      labels: { [labels.project]: config.name, [labels.service]: owner },
    },
    source: outsideSource(config, { owner, build, image }, options),
    changed: content.changed,
    ...(listing === undefined ? {} : { listing }),
  }
}

interface Outside extends OutsideOwner {
  /** The name that the command may give its image. */
  readonly image: string
}

/** How long taking away a name may last, also after Ctrl-C. */
const untagMs = 10_000

function outsideSource(
  { file, root }: Pick<LoadedConfig, 'file' | 'root'>,
  { owner, build, image }: Outside,
  { runner, env }: Pick<WorkOptions, 'runner' | 'env'>,
): ImageSource {
  const { context, timeout } = build
  const argv = (build.command ?? []).map((word) => withImage(word, image))
  const own = Object.entries(build.env).map(([name, value]) => [name, withImage(value, image)] as const)
  const where = `services.${owner}.build.command`
  const ran = `${argv.join(' ')} (in ${relative(root, context) || '.'}, from ${relative(root, file)})`

  const failed = (words: string, output: string, hint?: string) => {
    const lines = lastLines(output)
    return engineFailure('BUILD_FAILED', `${where} ${words}`, lines, {
      details: [ran, ...lines],
      ...(hint === undefined ? {} : { hint }),
    })
  }

  const make = async (images: ImageStore, onLine: (line: string) => void, signal: AbortSignal) => {
    const { host } = await images.info(signal)
    const result = await runLocal(
      runner,
      {
        argv,
        cwd: context,
        env: { ...builderEnvironment(env), DOCKER_HOST: host, ...Object.fromEntries(own), DEVK_IMAGE: image },
        timeoutMs: parseDuration(timeout) ?? 0,
        onLine,
      },
      signal,
    )
    if (result.problem !== undefined) throw failed(result.problem, result.output)
    const named = await images.inspect(image, signal)
    const printed = named === undefined ? await printedImage(images, result.lastLine, signal) : undefined
    const made = named ?? printed
    if (made === undefined) {
      const last = result.lastLine === undefined ? 'printed nothing' : `printed ${JSON.stringify(result.lastLine)}`
      throw failed(`made no image that the engine has: it ${last}`, result.output, contract)
    }
    // They would run when devk adds its labels.
    if (made.triggers) throw failed('made an image with ONBUILD instructions', '', 'Let it make the image that runs.')
    if (printed !== undefined) await images.tag(printed.id, image, signal)
  }

  return {
    async use(buildOn, images, onLine, signal) {
      // What an interrupted run left is no result of this one.
      await untag(images, image, signal)
      try {
        await make(images, onLine, signal)
        await buildOn()
      } finally {
        await untag(images, image, AbortSignal.timeout(untagMs))
      }
    },
  }
}

const contract =
  'Let the command give its image the name $DEVK_IMAGE, or print the name or ID as its last line of standard output. ' +
  'The image must be in the engine: ko build --local, jib:dockerBuild, pack build without --publish.'

/** `$DEVK_IMAGE` and `${DEVK_IMAGE}`, as no shell reads the command. */
function withImage(word: string, image: string): string {
  return word.replaceAll(/\$(DEVK_IMAGE\b|\{DEVK_IMAGE\})/g, image)
}

/** The image that a line names, also one of `docker load`. */
async function printedImage(
  images: Pick<ImageStore, 'inspect'>,
  line: string | undefined,
  signal: AbortSignal,
): Promise<ImageInfo | undefined> {
  const reference = line?.replace(/^Loaded image( ID)?: /, '') ?? ''
  if (!/^[\w.][\w./:@-]*$/.test(reference)) return undefined
  return images.inspect(reference, signal).catch((error: unknown) => {
    // What looks like a reference may be none, such as `Done.`
    if (statusOf(error) === 400) return undefined
    throw error
  })
}

/** Takes the name away, and with it an image that has no other one. A container may use it. */
async function untag(images: Pick<ImageStore, 'remove'>, image: string, signal: AbortSignal): Promise<void> {
  await images.remove(image, signal).catch((error: unknown) => {
    if (statusOf(error) === 409) return
    throw error
  })
}
