import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine } from '../../engine/api.ts'
import { DevkError } from '../../errors.ts'
import { ensureRegistry, type Registry, type RegistryPlace } from './registry.ts'

const config = '/etc/distribution/config.yml'

/**
 * Deletes data that no tag uses from the registry and returns the number of freed bytes. Nothing may be pushed at the
 * same time: the caller holds the locks of all projects. Throws COMMAND_FAILED with the output of the registry.
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
    throw new DevkError('COMMAND_FAILED', 'The garbage collection of the registry failed', {
      details: stderr.trim().split('\n').slice(-5),
    })
  }
  // The registry caches in memory which blobs it has, and would not accept the deleted ones again.
  await engine.containers.stop(registry.container, signal)
  await ensureRegistry(engine, place, signal)
  return Math.max(0, before - (await folderSize(place.dataFolder)))
}

/** Bytes of all files below a folder; files that are removed at the same time do not count. */
async function folderSize(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  let total = 0
  for (const file of files) total += (await lstat(file).catch(() => undefined))?.size ?? 0
  return total
}
