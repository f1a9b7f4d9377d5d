import type { Engine } from '../engine/api.ts'

/** Returns whether the image was removed. One that a container uses stays. */
export async function removeImage(engine: Engine, reference: string, signal: AbortSignal): Promise<boolean> {
  try {
    await engine.images.remove(reference, signal)
    return true
  } catch (error) {
    if ((error as { statusCode?: unknown }).statusCode === 409) return false
    throw error
  }
}
