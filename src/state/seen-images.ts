import { join } from 'node:path'
import { readIfThere, writeAtomic } from './files.ts'

/** The digest that the image of a reference had when devk first used it. */
export interface SeenImages {
  /** undefined for an image that devk has not used. */
  digestOf(reference: string): Promise<string | undefined>
  /** Throws DISK_FULL. */
  record(reference: string, digest: string): Promise<void>
  /** The file with the digest. Removing it accepts another image. */
  fileOf(reference: string): string
}

/** The records in a folder of the user's state. Each image has a file of its own, since presets install in parallel. */
export function seenImages(folder: string): SeenImages {
  const fileOf = (reference: string) => join(folder, encodeURIComponent(reference))
  return {
    fileOf,
    record: (reference, digest) => writeAtomic(fileOf(reference), `${digest}\n`),
    async digestOf(reference) {
      const text = (await readIfThere(fileOf(reference)))?.trim()
      return text === '' ? undefined : text
    },
  }
}
