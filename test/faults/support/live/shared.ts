// What vitest runs once before and after all rows. The cluster itself is made by the first row that needs it.
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { openTestCluster } from '../../../e2e/support/test-cluster.ts'
import { docker } from '../../../support/docker.ts'
import { removeImages } from './image.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Name of the cluster that the rows share, and the folder of its kubeconfig. */
    liveCluster: { readonly name: string; readonly folder: string }
  }
}

const name = 'devk-faults'

/**
 * Provides where the cluster is. The returned function removes it, unless the caller of vitest has made the folder for
 * several runs.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const kept = process.env.DEVK_FAULTS_CLUSTER
  const folder = kept ?? (await mkdtemp(join(tmpdir(), 'devk-faults-live-')))
  project.provide('liveCluster', { name, folder })
  return async () => {
    if (kept === undefined) await removeLive(folder)
  }
}

/** Removes the cluster that was made for this folder, if any was, with its images and the folder. */
export async function removeLive(folder: string): Promise<void> {
  if (existsSync(join(folder, 'made')) || existsSync(join(folder, 'making'))) {
    const cluster = await openTestCluster(name, folder)
    await thaw(cluster.node)
    await cluster.delete()
    await removeImages()
  }
  await rm(folder, { recursive: true, force: true })
}

/**
 * With control groups v1, runc freezes a container to end it. When the runtime is killed in that moment, the container stays frozen,
 * and nothing can end the node around it.
 */
async function thaw(node: string): Promise<void> {
  const frozen = 'find /sys/fs/cgroup/freezer -name freezer.state -exec grep -l FROZEN {} + 2>/dev/null'
  await docker('exec', node, 'sh', '-c', `for file in $(${frozen}); do echo THAWED >"$file"; done`).catch(() => '')
}
