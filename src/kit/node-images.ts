import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dockerBuild } from './imagebuild.ts'
import type { Workshop } from './recipe.ts'

/** Images that are copied to a node image: the references that each gets there besides its own, by that reference. */
export type NamesInNode = Readonly<Record<string, readonly string[]>>

/** How a node image is built. */
export interface NodeBuild {
  /** Reference of the node image before the images are imported. */
  readonly base: string
  /** Path of the build context, which has a Dockerfile. */
  readonly context: string
  /** Build arguments. */
  readonly args: Readonly<Record<string, string>>
  readonly namesInNode: NamesInNode
}

const command = 'ENTRYPOINT ["/usr/local/bin/entrypoint", "/sbin/init"]'

/**
 * Builds a node image with images in the image store of its containerd. A container of the image runs containerd, which
 * imports them. Then the container is committed. Throws KIT_FAILED.
 */
export async function buildWithImages(work: Workshop, { base, context, args, namesInNode }: NodeBuild): Promise<void> {
  const [reference] = work.recipe.provides
  if (reference === undefined) throw new Error(`${work.recipe.name} provides no image`)
  const baseWork: Workshop = { ...work, recipe: { ...work.recipe, provides: [base] } }
  await dockerBuild(baseWork, context, args)

  // The container has no label, because the committed image and every node would inherit it. Its name identifies it.
  const container = `devk-kit-node-${work.key}`
  const docker = (...words: string[]): Promise<string> => work.exec('docker', words)
  const tryDocker = (...words: string[]): Promise<unknown> => work.deps.runner.run('docker', words)
  await tryDocker('rm', '-f', '-v', container)
  try {
    const archive = join(work.dir, 'images.tar')
    await docker('save', '-o', archive, ...Object.keys(namesInNode))
    await docker('run', '-d', '--name', container, '--privileged', '--entrypoint', 'sleep', base, 'infinity')
    await docker('cp', archive, `${container}:/kind/images.tar`)
    const names = Object.entries(namesInNode).flatMap(([from, to]) => to.map((name) => `${from}=${name}`))
    const script = await readFile(join(work.deps.kitDir, 'node/import-images.sh'), 'utf8')
    await work.exec('docker', ['exec', '-i', container, 'bash', '-s', '--', ...names], { input: script })
    await docker('commit', '--change', command, container, reference)
  } finally {
    await tryDocker('rm', '-f', '-v', container)
    await tryDocker('image', 'rm', base)
  }
}
