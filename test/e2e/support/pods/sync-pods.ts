import type { KubeObject } from '../../../../src/kube/api.ts'
import type { SyncTarget } from '../../../../src/sync/syncer.ts'
import { docker } from '../../../support/docker.ts'
import type { TestCluster } from '../test-cluster.ts'
import { podOf } from './pods.ts'

const prepare = [
  'mkdir -p /app /srv/real',
  'ln -s /etc /app/etc',
  'ln -s ../../../../../../.. /app/up',
  'echo old > /app/f',
  'chmod 640 /app/f',
  'chown 1000:1000 /app /app/f',
  'mkdir -p /app/dir/sub && touch /app/dir/sub/a /app/dir/kept',
  'exec sleep 100000',
].join('; ')

/** Pods with three kinds of containers that files are sent into. */
export const syncPods: readonly KubeObject[] = [
  podOf({ name: 'debian', container: { command: ['sh', '-c', prepare] } }),
  // An image that holds one static program: no tar and no shell.
  podOf({
    name: 'scratch',
    container: {
      image: 'registry.k8s.io/pause:3.10',
      securityContext: { runAsUser: 65534, runAsNonRoot: true },
    },
  }),
  podOf({
    name: 'sealed',
    container: {
      command: ['sleep', '100000'],
      securityContext: { readOnlyRootFilesystem: true, runAsUser: 1000 },
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
    },
    spec: { volumes: [{ name: 'data', emptyDir: {} }] },
  }),
]

/** The container that a pod runs now, as a target of the sync. */
export async function syncTarget(cluster: TestCluster, name: string): Promise<SyncTarget> {
  const id = await cluster.kubectl('get', 'pod', name, '-o', 'jsonpath={.status.containerStatuses[0].containerID}')
  const containerId = id.replace('containerd://', '')
  return { service: name, pod: { namespace: 'default', name }, container: 'main', containerId, node: cluster.node }
}

/** Runs a shell script on the node in the root folder of a container, which may have no shell itself. */
export function runInRootOf({ containerId, node }: SyncTarget, script: string): Promise<string> {
  const state = `/run/containerd/io.containerd.runtime.v2.task/k8s.io/${containerId}`
  return docker('exec', node, 'sh', '-c', `cd /proc/$(cat ${state}/init.pid)/root && ${script}`)
}
