import type { ShellDeps } from '../../src/commands/ui/shells.ts'
import type { Pod } from '../../src/kube/pod.ts'

/** A pod of the back end with two containers that run. */
const shellPod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'backend-6d4-xk2p9',
    namespace: 'todo',
    labels: { 'devk.dev/project': 'todo', 'devk.dev/service': 'backend' },
  },
  spec: { containers: [{ name: 'app' }, { name: 'sidecar' }] },
  status: {
    containerStatuses: ['app', 'sidecar'].map((name) => ({ name, state: { running: {} } })),
  },
}
/** As much of a project as shells need. */
export const shellProject = {
  record: { name: 'todo', services: [{ name: 'backend' }], externals: [], cluster: { context: 'kind-todo' } },
  kubeconfig: '/tmp/kubeconfig',
  kube: { list: async () => [shellPod] },
  streams: {},
} as unknown as Awaited<ReturnType<ShellDeps['open']>>
