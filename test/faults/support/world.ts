import type { Kube, KubeObject } from '../../../src/kube/api.ts'
import { connectKube } from '../../../src/kube/client/client.ts'
import { eventually } from '../../e2e/support/eventually.ts'
import { type Server, serverOf } from '../oracle/server.ts'
import { type ServerProcess, startControlPlane } from './control-plane.ts'

/** A control plane, and the two ways to it: devk's, and that of kubectl. */
export interface World {
  readonly kubeconfig: string
  readonly kube: Kube
  readonly server: Server
  /** The process behind both. */
  readonly process: ServerProcess
  stop(): Promise<void>
}

/** Starts a control plane and waits until projects can be deployed. */
export async function startWorld(): Promise<World> {
  const plane = await startControlPlane()
  const server = await serverOf(plane)
  const { kube } = await connectKube(plane.kubeconfig, plane.context)
  await eventually('the default namespace', 60, async () => {
    const names = (await server.list('/api/v1/namespaces')).map(({ metadata }) => metadata.name)
    return names.includes('default') || undefined
  })
  // As in a kind cluster: a claim waits for its first pod.
  await server.create('/apis/storage.k8s.io/v1/storageclasses', {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'example.com/none',
    volumeBindingMode: 'WaitForFirstConsumer',
  } satisfies KubeObject)
  return {
    kubeconfig: plane.kubeconfig,
    kube,
    server,
    process: plane.server,
    async stop() {
      server.close()
      await plane.stop()
    },
  }
}
