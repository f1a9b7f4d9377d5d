import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine } from '../../engine/api.ts'
import { DevkError } from '../../errors.ts'
import { ensureRegistry, type Registry, type RegistryPlace } from './registry.ts'

const config = '/etc/distribution/config.yml'

/**
 * Removes what no tag needs any more from the registry's data, and gives the bytes that this freed. Nothing may be pushed meanwhile: the
 * caller holds the locks of those who would. Throws COMMAND_FAILED with the registry's words.
 */
export async function collectGarbage(
  engine: Engine,
  registry: Registry,
  place: RegistryPlace,
  signal: AbortSignal,
): Promise<number> {
  const before = await folderSize(place.dataFolder)
  const argv = ['registry', 'garbage-collect', '--delete-untagged', config]
  const { exitCode, stderr } = await engine.exec.run(registry.container, argv, {}, signal)
  if (exitCode !== 0) {
    throw new DevkError('COMMAND_FAILED', 'The registry could not collect its garbage', {
      details: stderr.trim().split('\n').slice(-5),
    })
  }
  // It remembers in memory which blobs it has, and would not take those again that are gone.
  await engine.containers.stop(registry.container, signal)
  await ensureRegistry(engine, place, signal)
  return Math.max(0, before - (await folderSize(place.dataFolder)))
}

/** Bytes of all files below a folder; what goes away meanwhile does not count. */
async function folderSize(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  let total = 0
  for (const file of files) total += (await lstat(file).catch(() => undefined))?.size ?? 0
  return total
}
