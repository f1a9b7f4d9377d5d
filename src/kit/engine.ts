import { DevkError } from '../errors.ts'
import type { Runner } from '../exec/runner.ts'

export interface EngineImage {
  readonly id: string
  readonly labels: Readonly<Record<string, string>>
  readonly size: number
}

interface Inspected {
  readonly Id: string
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
    if (found) images.set(reference, { id: found.Id, labels: found.Config?.Labels ?? {}, size: found.Size })
  }
  return images
}

/**
 * Removes those of a recipe's former images that lost their last name to a newer build; what is still in use stays. They are
 * given by id, never found by label: images that users build from a stand-in inherit its labels.
 */
export async function removeSuperseded(runner: Runner, ids: Iterable<string>, signal: AbortSignal): Promise<void> {
  for (const id of new Set(ids)) {
    const tags = ['image', 'inspect', '--format', '{{len .RepoTags}}', id]
    const { stdout } = await runner.run('docker', tags, { signal })
    if (stdout.trim() === '0') await runner.run('docker', ['image', 'rm', id], { signal })
  }
}
