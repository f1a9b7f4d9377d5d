import type { Engine } from '../engine/api.ts'
import { DevkError } from '../errors.ts'
import type { ImageBuilder } from '../images/build/request.ts'
import type { CredentialSource } from '../images/registry/credentials.ts'

/** Where images come from, besides builds. */
export interface Supply {
  readonly engine: Engine
  readonly builder: ImageBuilder
  /** How one logs in to a registry; undefined where nobody has to. */
  readonly credentials: CredentialSource
  /** Whether the kit can make an image of this reference. */
  offersKit(reference: string): boolean
  /** Makes images with the kit, with its own progress display. */
  buildKit(references: readonly string[], onLine: (line: string) => void, signal: AbortSignal): Promise<void>
}

/** Has images on the engine: those it lacks are pulled; what cannot be pulled is made by the kit when the kit knows it. */
export async function fetchImages(
  supply: Pick<Supply, 'engine' | 'offersKit' | 'buildKit'>,
  references: readonly string[],
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const refused = new Map<string, unknown>()
  for (const reference of references) {
    if ((await supply.engine.images.inspect(reference, signal)) !== undefined) continue
    await supply.engine.images.pull(reference, onLine, signal).catch((error: unknown) => {
      signal.throwIfAborted()
      if (error instanceof DevkError && error.code === 'DISK_FULL') throw error
      refused.set(reference, error)
    })
  }
  const fromKit = [...refused.keys()].filter((reference) => supply.offersKit(reference))
  const lost = [...refused].find(([reference]) => !fromKit.includes(reference))
  if (lost !== undefined) {
    throw new DevkError('IMAGE_MISSING', `${lost[0]} cannot be pulled, and the kit does not build it`, {
      cause: lost[1],
      details: lost[1] instanceof Error ? [lost[1].message] : [],
      hint: 'devk kit status lists what the kit builds. An image of that name on the engine is used as it is.',
    })
  }
  if (fromKit.length > 0) {
    onLine(`no container registry answers: the kit builds ${fromKit.join(', ')}`)
    await supply.buildKit(fromKit, onLine, signal)
  }
}
