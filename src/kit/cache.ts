import { lstat, mkdir, readdir, rename, rm, symlink } from 'node:fs/promises'
import { join, relative } from 'node:path'

/**
 * The folders of the kit below devk's cache folder. An output gets its final name when it is complete, by one rename.
 * So devk never uses an incomplete output.
 */
export interface KitCache {
  /** Path of the output of a recipe. It exists only after `publish`. */
  outputDir(recipe: string, key: string): string
  /** Path of the folder in which a recipe is built. */
  workDir(recipe: string, key: string): string
  /** Size of a published output in bytes; undefined if it does not exist. */
  published(recipe: string, key: string): Promise<number | undefined>
  /**
   * Moves the folder `from` to the output of the recipe, and removes older outputs and all work folders of the recipe.
   */
  publish(recipe: string, key: string, from: string): Promise<void>
  /** Removes the work folders of the recipe. */
  clean(recipe: string): Promise<void>
  /** Links `bin/<program>` to a file. Replaces an older link in one step, so that the program is always available. */
  link(program: string, target: string): Promise<void>
}

/** The folders of the kit in `cacheDir`, devk's cache folder. */
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
      const newLink = join(bin, `.${program}.new`)
      await rm(newLink, { force: true })
      await symlink(relative(bin, target), newLink)
      await rename(newLink, join(bin, program))
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
