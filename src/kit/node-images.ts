import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dockerBuild } from './imagebuild.ts'
import type { Workshop } from './recipe.ts'

/** Images of the engine that go into a node, with the names they have there besides their own. */
export type NamesInNode = Readonly<Record<string, readonly string[]>>

export interface NodeBuild {
  /** What the image is called until the images are in it. */
  readonly base: string
  /** Build context with a Dockerfile. */
  readonly context: string
  readonly args: Readonly<Record<string, string>>
  readonly namesInNode: NamesInNode
}

const command = 'ENTRYPOINT ["/usr/local/bin/entrypoint", "/sbin/init"]'

/** Builds an image of a node, and has images imported into its store by a containerd that runs in a container of it. */
export async function buildWithImages(work: Workshop, { base, context, args, namesInNode }: NodeBuild): Promise<void> {
  const [reference] = work.recipe.provides
  if (reference === undefined) throw new Error('the node image has no name')
  const baseWork: Workshop = { ...work, recipe: { ...work.recipe, provides: [base] } }
  await dockerBuild(baseWork, context, args)

  // Known by its name and without a label: a commit would hand the label on to the image, and that to every node.
  const container = `devk-kit-node-${work.key}`
  const docker = (...words: string[]): Promise<string> => work.exec('docker', words)
  const quietly = (...words: string[]): Promise<unknown> => work.deps.runner.run('docker', words)
  await quietly('rm', '-f', '-v', container)
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
    await quietly('rm', '-f', '-v', container)
    await quietly('image', 'rm', base)
  }
}
