import { eventually } from '../../../e2e/support/eventually.ts'
import { copyImage } from '../../../e2e/support/test-cluster.ts'
import type { LiveCluster } from './cluster.ts'
import { buildImage } from './image.ts'

/** Builds the image of a project's source, brings it to the node, and waits until all pods run it. */
export function rebuildOf({ cluster }: LiveCluster, project: string, source: string) {
  let built = 0
  return async (signal: AbortSignal): Promise<void> => {
    built += 1
    const tag = `${project}-${built}`
    // The engine refuses a context in which files go while it reads them.
    const image = await eventually('the build', 60, () => buildImage(source, tag))
    signal.throwIfAborted()
    await copyImage(image, cluster.node)
    signal.throwIfAborted()
    await cluster.kubectl('set', 'image', `deployment/${project}`, `main=${image}`)
    await cluster.kubectl('rollout', 'status', `deployment/${project}`, '--timeout=60s')
  }
}
