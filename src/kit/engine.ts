import { DevkError } from '../errors.ts'
import type { Runner } from '../exec/runner.ts'

/** Labels the kit writes on its images. */
export const kitLabel = 'devk.dev/kit'
export const keyLabel = 'devk.dev/kit-key'
export const standInLabel = 'devk.dev/stand-in'
/** On containers that exist only while a recipe is built. */
export const buildLabel = 'devk.dev/kit-build'

export interface EngineImage {
  readonly labels: Readonly<Record<string, string>>
  readonly size: number
}

interface Inspected {
  readonly RepoTags?: readonly string[] | null
  readonly Size: number
  readonly Config?: { readonly Labels?: Record<string, string> | null } | null
}

/**
 * The images of these references that the engine has, in one call. Throws ENGINE_UNAVAILABLE when no engine answers.
 */
export async function engineImages(
  runner: Runner,
  references: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, EngineImage>> {
  const images = new Map<string, EngineImage>()
  if (references.length === 0) return images
  const alive = await runner.run('docker', ['version', '--format', '{{.Server.Version}}'], { signal })
  if (alive.exitCode !== 0) {
    throw new DevkError('ENGINE_UNAVAILABLE', 'The container engine does not answer', {
      details: alive.stderr.split('\n').slice(-3),
      hint: 'Start Docker, or run devk doctor.',
    })
  }
  // Exits 1 when some are missing, and prints those that are there all the same.
  const { stdout } = await runner.run('docker', ['image', 'inspect', ...references], { signal })
  const inspected = stdout.trim() === '' ? [] : (JSON.parse(stdout) as Inspected[])
  for (const reference of references) {
    const found = inspected.find((image) => image.RepoTags?.includes(reference))
    if (found) images.set(reference, { labels: found.Config?.Labels ?? {}, size: found.Size })
  }
  return images
}

/** Removes images of a recipe that lost their last tag to a newer build. What is still in use stays. */
export async function removeSuperseded(runner: Runner, recipe: string, signal: AbortSignal): Promise<void> {
  const filters = ['--filter', `label=${kitLabel}=${recipe}`, '--filter', 'dangling=true']
  const { stdout } = await runner.run('docker', ['image', 'ls', '-q', ...filters], { signal })
  const ids = [...new Set(stdout.split('\n').filter((id) => id !== ''))]
  if (ids.length > 0) await runner.run('docker', ['image', 'rm', ...ids], { signal })
}
