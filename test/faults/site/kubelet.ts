import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeObject } from '../../../src/kube/api.ts'
import type { Server } from '../oracle/server.ts'

/** A node that runs no containers, and tells the API server that all of them are ready. */
export interface Kubelet {
  readonly name: string
  /** From now on it reports nothing, as a node that is paused. */
  pause(): void
  resume(): void
  stop(): Promise<void>
}

type Pod = KubeObject & {
  readonly spec: { readonly nodeName?: string; readonly containers: readonly { name: string; image: string }[] }
  readonly status?: { readonly phase?: string }
}

/** How often it looks for pods and renews its Lease, ms. A kubelet renews every ten seconds. */
const intervalMs = 500

/** Registers a node, and plays the scheduler and the kubelet for the pods of all namespaces. */
export async function startKubelet(server: Server, name: string): Promise<Kubelet> {
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name } }
  const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
  const spec = () => ({
    holderIdentity: name,
    leaseDurationSeconds: 40,
    renewTime: `${new Date().toISOString().slice(0, -1)}000Z`,
  })
  await server.create('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name } })
  await server.create(leases, { ...lease, spec: spec() })
  const now = new Date().toISOString()
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'KubeletReady',
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  }
  await server.patch(`/api/v1/nodes/${name}/status`, { status: { conditions: [ready] } })
  const state = { paused: false, ended: false }
  const report = async () => {
    await server.patch(`${leases}/${name}`, { spec: spec() })
    for (const pod of (await server.list('/api/v1/pods')) as Pod[]) await run(server, name, pod)
  }
  const loop = async () => {
    while (!state.ended) {
      // The API server may be what the test has stopped.
      if (!state.paused) await report().catch(() => {})
      await sleep(intervalMs)
    }
  }
  const work = loop()
  return {
    name,
    pause: () => {
      state.paused = true
    },
    resume: () => {
      state.paused = false
    },
    async stop() {
      state.ended = true
      await work
    },
  }
}

async function run(server: Server, node: string, { metadata, spec, status }: Pod): Promise<void> {
  const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`
  if (spec.nodeName === undefined) {
    const target = { apiVersion: 'v1', kind: 'Node', name: node }
    await server.create(`${path}/binding`, {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: metadata.name },
      target,
    })
  } else if (status?.phase !== 'Running') {
    const startedAt = new Date().toISOString()
    const conditions = ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({
      ...{ type, status: 'True', lastTransitionTime: startedAt },
    }))
    const containerStatuses = spec.containers.map(({ name, image }) => ({
      ...{ name, image, imageID: image, ready: true, started: true, restartCount: 0 },
      state: { running: { startedAt } },
    }))
    await server.patch(`${path}/status`, {
      status: { phase: 'Running', startTime: startedAt, conditions, containerStatuses },
    })
  }
}
