import { cp, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workshop } from './recipe.ts'

/** How an image is built with its Dockerfile. */
export interface ImageBuild {
  /** Folder in the folder `kit/` of the package. It has the Dockerfile and the files that it copies. */
  readonly folder: string
  readonly args?: Readonly<Record<string, string>>
  /** Files from the outputs of other recipes that are copied to the build context, by recipe: all, or these names. */
  readonly copies?: Readonly<Record<string, readonly string[] | 'all'>>
  /** npm packages that are unpacked to the build context: `name@version` by folder. */
  readonly npm?: Readonly<Record<string, string>>
}

/**
 * Builds an image and tags it with all references of its recipe. Throws KIT_FAILED with the end of the build output.
 */
export async function buildImage(work: Workshop, image: ImageBuild): Promise<void> {
  const context = await prepareContext(work, image.folder)
  for (const [recipe, files] of Object.entries(image.copies ?? {})) {
    const from = work.outputOf(recipe)
    for (const file of files === 'all' ? await readdir(from) : files) await cp(join(from, file), join(context, file))
  }
  for (const [folder, spec] of Object.entries(image.npm ?? {})) await unpackNpm(work, spec, join(context, folder))
  await dockerBuild(work, context, image.args ?? {})
}

/** Creates a build context with the files of a folder of the kit. Returns its path. */
export async function prepareContext(work: Workshop, folder: string): Promise<string> {
  const context = join(work.dir, 'context')
  await rm(context, { recursive: true, force: true })
  await cp(join(work.deps.kitDir, folder), context, { recursive: true })
  return context
}

/**
 * Runs `docker build` with the labels and references of the recipe. `args` are build arguments. Throws KIT_FAILED with
 * the end of the output.
 */
export async function dockerBuild(
  work: Workshop,
  context: string,
  args: Readonly<Record<string, string>>,
): Promise<void> {
  const pairs = (flag: string, values: Readonly<Record<string, string>>): string[] =>
    Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`])
  const tags = work.recipe.provides.flatMap((reference) => ['--tag', reference])
  const flags = ['--progress', 'plain', ...pairs('--label', work.labels), ...pairs('--build-arg', args), ...tags]
  await work.exec('docker', ['build', ...flags, context], { env: { DOCKER_BUILDKIT: '1' } })
}

/** Unpacks an npm package. npm checks its integrity, and `npm pack` of a published package runs no script of it. */
async function unpackNpm(work: Workshop, spec: string, to: string): Promise<void> {
  const store = join(work.dir, 'npm')
  await mkdir(store, { recursive: true })
  await mkdir(to, { recursive: true })
  const packed = await work.exec('npm', ['pack', spec, '--json', '--pack-destination', store], { cwd: work.dir })
  const [{ filename } = { filename: undefined }] = JSON.parse(packed) as { filename: string }[]
  if (filename === undefined) throw new Error(`npm pack ${spec} reported no file name`)
  await work.exec('tar', ['-xzf', join(store, filename), '-C', to, '--strip-components=1', '--no-same-owner'])
}
