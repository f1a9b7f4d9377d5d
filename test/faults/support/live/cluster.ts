import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { inject } from 'vitest'
import type { NodeAgents } from '../../../../src/agent/node-agents.ts'
import type { Kube, PodStreams } from '../../../../src/kube/api.ts'
import { connectKube } from '../../../../src/kube/client/client.ts'
import { createTestCluster, openTestCluster, type TestCluster } from '../../../e2e/support/test-cluster.ts'
import { agentsOfCheckout } from '../../../support/agents.ts'
import { type Server, serverOf } from '../../oracle/server.ts'
import { buildBase } from './image.ts'

/** A cluster with one node, and the ways to it: devk's own, and those of the oracle. */
export interface LiveCluster {
  readonly cluster: TestCluster
  readonly kube: Kube
  readonly streams: PodStreams
  readonly agents: NodeAgents
  readonly server: Server
  /** Ends the connections. The cluster stays for the other rows. */
  close(): void
}

/** A log is rotated when it has this size, at the next look of the kubelet. */
const kubelet = { containerLogMaxSize: '256Ki', containerLogMonitorInterval: '3s' }

/** The cluster that all rows of one run of vitest share. The first row makes it, in about 40 seconds. */
export async function liveCluster(): Promise<LiveCluster> {
  const { name, folder } = inject('liveCluster')
  const made = join(folder, 'made')
  if (!existsSync(made)) {
    const making = join(folder, 'making')
    await rm(making, { recursive: true, force: true })
    await mkdir(making, { recursive: true })
    const cluster = await createTestCluster(name, { kubelet, folder: making })
    await cluster.loadImage(await buildBase())
    await rename(making, made)
  }
  const cluster = await openTestCluster(name, made)
  const { kube, streams } = await connectKube(cluster.kubeconfig, cluster.context)
  const agents = agentsOfCheckout({ mayFail: true })
  const server = await serverOf(cluster)
  return {
    cluster,
    kube,
    streams,
    agents,
    server,
    close() {
      agents.close()
      server.close()
    },
  }
}
