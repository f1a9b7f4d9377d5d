import type { Engine } from '../../engine/api.ts'
import { DevkError } from '../../errors.ts'
import type { CredentialSource } from './credentials.ts'

/**
 * Pushes an image of the engine to the registry that its name says, and gives the milliseconds it took; layers that the registry has are not
 * sent. Throws IMAGE_MISSING or LOAD_FAILED with the registry's words.
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
