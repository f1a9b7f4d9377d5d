import type { Engine } from '../../engine/api.ts'
import { DevkError } from '../../errors.ts'
import type { CredentialSource } from './credentials.ts'

/**
 * Pushes an image of the engine to the registry in its name and returns the milliseconds that it took. Throws
 * IMAGE_MISSING, DISK_FULL, or LOAD_FAILED with the message of the registry.
 */
export async function pushImage(
  engine: Engine,
  { reference, credentials }: { readonly reference: string; readonly credentials: CredentialSource },
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<number> {
  const began = performance.now()
  if ((await engine.images.inspect(reference, signal)) === undefined) {
    throw new DevkError('IMAGE_MISSING', `${reference} is not on the engine`)
  }
  const host = reference.split('/')[0] ?? ''
  await engine.images.push(reference, onLine, signal, await credentials(host))
  return performance.now() - began
}
