import type { KubeObject } from '../../../src/kube/api.ts'
import type { SyncTarget } from '../../../src/sync/syncer.ts'
import type { TestCluster } from './cluster.ts'
import { docker } from './engine.ts'
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

/** Three kinds of containers that files are sent into. */
export const syncPods: readonly KubeObject[] = [
  podOf({ name: 'debian', container: { command: ['sh', '-c', prepare] } }),
  // Nothing but one static program: no tar, no shell.
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

/** The container that a pod runs now. */
export async function syncTarget(cluster: TestCluster, name: string): Promise<SyncTarget> {
  const id = await cluster.kubectl('get', 'pod', name, '-o', 'jsonpath={.status.containerStatuses[0].containerID}')
  const containerId = id.replace('containerd://', '')
  return { service: name, pod: { namespace: 'default', name }, container: 'main', containerId, node: cluster.node }
}

/** What the node sees in a container that has no program to look with. */
export function inside({ containerId, node }: SyncTarget, script: string): Promise<string> {
  const state = `/run/containerd/io.containerd.runtime.v2.task/k8s.io/${containerId}`
  return docker('exec', node, 'sh', '-c', `cd /proc/$(cat ${state}/init.pid)/root && ${script}`)
}
