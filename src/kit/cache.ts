import { lstat, mkdir, readdir, rename, rm, symlink } from 'node:fs/promises'
import { join, relative } from 'node:path'

/** The kit's folders below devk's cache folder. Finished outputs appear by one rename, so a half-made one is never taken for whole. */
export interface KitCache {
  outputDir(recipe: string, key: string): string
  workDir(recipe: string, key: string): string
  /** Size of a finished output in bytes; undefined when there is none. */
  published(recipe: string, key: string): Promise<number | undefined>
  /** Turns `from` into the output of the recipe and drops the recipe's older outputs and work folders. */
  publish(recipe: string, key: string, from: string): Promise<void>
  /** Drops the recipe's work folders. */
  clean(recipe: string): Promise<void>
  /** Points `bin/<program>` at a file, replacing an older link in one step. */
  link(program: string, target: string): Promise<void>
}

/** The cache that lies in `cacheDir`. */
export function kitCache(cacheDir: string): KitCache {
  const root = join(cacheDir, 'kit')
  const work = join(root, 'work')
  const bin = join(cacheDir, 'bin')
  const outputDir = (recipe: string, key: string): string => join(root, `${recipe}-${key}`)
  const clean = (recipe: string): Promise<void> => removeVersions(work, recipe)
  return {
    outputDir,
    workDir: (recipe, key) => join(work, `${recipe}-${key}`),
    clean,
    async published(recipe, key) {
      const names = await entries(outputDir(recipe, key))
      if (!names) return undefined
      const sizes = await Promise.all(names.map((name) => lstat(join(outputDir(recipe, key), name))))
      return sizes.reduce((sum, { size }) => sum + size, 0)
    },
    async publish(recipe, key, from) {
      await removeVersions(root, recipe)
      await rename(from, outputDir(recipe, key))
      await clean(recipe)
    },
    async link(program, target) {
      await mkdir(bin, { recursive: true })
      const fresh = join(bin, `.${program}.new`)
      await rm(fresh, { force: true })
      await symlink(relative(bin, target), fresh)
      await rename(fresh, join(bin, program))
    },
  }
}

async function removeVersions(folder: string, recipe: string): Promise<void> {
  const version = new RegExp(`^${recipe.replaceAll('.', '\\.')}-[0-9a-f]{16}$`)
  const old = ((await entries(folder)) ?? []).filter((name) => version.test(name))
  await Promise.all(old.map((name) => rm(join(folder, name), { recursive: true, force: true })))
}

async function entries(folder: string): Promise<string[] | undefined> {
  try {
    return await readdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
