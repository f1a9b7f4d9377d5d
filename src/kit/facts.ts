import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { debianSources } from './apt.ts'
import { aptFiles, caBundle } from './debian.ts'
import { digest, type KeyFacts } from './keys.ts'
import type { KitDeps, Recipe } from './recipe.ts'

/** Reads what the keys of these recipes depend on besides the recipes: the files of the kit and the machine. */
export async function keyFacts(deps: KitDeps, recipes: readonly Recipe[]): Promise<KeyFacts> {
  const digests = new Map<string, string>()
  for (const file of new Set(recipes.flatMap(({ files }) => files))) {
    digests.set(file, await treeDigest(join(deps.kitDir, file)))
  }
  const host = JSON.stringify([await caBundle(deps), debianSources(await aptFiles())])
  return {
    arch: deps.platform.arch,
    host: digest(host),
    digestOf: (file) => digests.get(file) ?? '',
  }
}

/** The digest of a folder. Leaves out Go tests, which are in no program, so that a changed test rebuilds no image. */
async function treeDigest(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('_test.go'))
    .map((entry) => join(entry.parentPath, entry.name))
  const contents = await Promise.all(
    files.sort().map(async (file) => [file.slice(folder.length), digest(await readFile(file))]),
  )
  return digest(JSON.stringify(contents))
}
