import type { Engine } from '../engine/api.ts'
import type { RegistryCredentials } from '../engine/image-api.ts'
import { DevkError } from '../errors.ts'
import type { ImageBuilder } from '../images/build/request.ts'
import type { ImageLoader } from '../images/load/load.ts'
import type { CredentialSource } from '../images/registry/credentials.ts'
import { imageName } from '../lib/image-reference.ts'
import type { SeenImages } from '../state/seen-images.ts'

/** What builds, pulls, loads and pushes images. */
export interface Supply {
  readonly engine: Engine
  readonly builder: ImageBuilder
  readonly loader: ImageLoader
  /** Returns the credentials for a registry; undefined when it needs none. */
  readonly credentials: CredentialSource
  /** The digests that images had when devk first used them. */
  readonly seen: SeenImages
  /** Whether the kit can build an image of this reference. */
  offersKit(reference: string): boolean
  /** Builds images with the kit; `onLine` gets its progress. */
  buildKit(references: readonly string[], onLine: (line: string) => void, signal: AbortSignal): Promise<void>
}

/**
 * Makes sure that the engine has these images. Missing images are pulled, with the logins of `docker login`; the kit
 * builds those that cannot be pulled, when it knows them and no registry says that they do not exist. Throws
 * IMAGE_MISSING, DISK_FULL, or what the kit throws.
 */
export async function fetchImages(
  supply: Pick<Supply, 'engine' | 'offersKit' | 'buildKit' | 'credentials'>,
  references: readonly string[],
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const refused = new Map<string, unknown>()
  const pulled = new Set<string>()
  for (const reference of references) {
    if ((await supply.engine.images.inspect(reference, signal)) !== undefined) continue
    const login = await loginFor(supply, reference, signal)
    try {
      await supply.engine.images.pull(reference, onLine, signal, login)
      pulled.add(reference)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof DevkError && error.code === 'DISK_FULL') throw error
      refused.set(reference, error)
    }
  }
  const fromKit = [...refused].flatMap(([reference, error]) =>
    !isUnknown(error) && supply.offersKit(reference) ? [reference] : [],
  )
  const lost = [...refused].find(([reference]) => !fromKit.includes(reference))
  if (lost !== undefined) {
    throw new DevkError('IMAGE_MISSING', `The image ${lost[0]} cannot be pulled, and the kit does not build it`, {
      cause: lost[1],
      details: lost[1] instanceof Error ? [lost[1].message] : [],
      hint: 'Check the name, or load the image with docker load. devk kit status lists the images that the kit builds.',
    })
  }
  if (fromKit.length > 0) {
    onLine(`the kit builds ${fromKit.join(', ')}, which cannot be pulled`)
    await supply.buildKit(fromKit, onLine, signal)
  }
  return pulled
}

/** Whether a registry has answered that there is no such image: nothing may stand in for a name that is misspelt. */
function isUnknown(error: unknown): boolean {
  return error instanceof Error && /manifest unknown|repository does not exist|: not found$/.test(error.message)
}

/**
 * The login to the registry of an image. Most images need none, so a helper that fails only matters if the pull does.
 */
async function loginFor(
  { credentials }: Pick<Supply, 'credentials'>,
  reference: string,
  signal: AbortSignal,
): Promise<RegistryCredentials | undefined> {
  try {
    return await credentials(imageName(reference).registry || 'docker.io')
  } catch {
    signal.throwIfAborted()
    return undefined
  }
}
