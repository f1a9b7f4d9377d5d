import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { isFolder } from '../../lib/paths.ts'
import { isRecord } from '../../lib/record.ts'
import { parseYaml } from '../yaml.ts'

/** A kustomization file. */
export interface Kustomization {
  readonly folder: string
  readonly file: string
  readonly text: string
  readonly content: Readonly<Record<string, unknown>>
}

/** The names of a kustomization file. */
export const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization']

/**
 * The kustomization of a folder and of all its local bases, each once. Skips remote bases and, unless `keys` has them,
 * Components: they are meant for reuse, so their patches may select nothing.
 */
export async function kustomizationsBelow(
  folder: string,
  keys: readonly string[] = ['resources', 'bases'],
  seen: Map<string, Kustomization> = new Map(),
): Promise<Kustomization[]> {
  if (seen.has(folder)) return []
  const own = await readKustomization(folder)
  if (own === undefined) return []
  seen.set(folder, own)
  for (const key of keys) {
    const list = own.content[key]
    for (const entry of Array.isArray(list) ? list : []) {
      if (typeof entry !== 'string') continue
      const path = resolve(folder, entry)
      if (await isFolder(path)) await kustomizationsBelow(path, keys, seen)
    }
  }
  return [...seen.values()]
}

async function readKustomization(folder: string): Promise<Kustomization | undefined> {
  for (const name of kustomizationNames) {
    const file = join(folder, name)
    const text = await readFile(file, 'utf8').catch(() => undefined)
    if (text === undefined) continue
    const [first] = parseYaml(text, file)
    return isRecord(first?.value) ? { folder, file, text, content: first.value } : undefined
  }
  return undefined
}
