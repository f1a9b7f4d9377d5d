import type { KubeObject } from '../../../../src/kube/api.ts'
import { eventually } from '../../../e2e/support/eventually.ts'
import { runningIn } from '../../oracle/pods.ts'
import type { LiveCluster } from './cluster.ts'
import { baseImage } from './image.ts'

/** The service of one run. Its only service is `backend`. */
export interface ServiceOptions {
  readonly project: string
  readonly replicas: number
  readonly container?: object
  /** Seconds for a pod to end by itself. */
  readonly grace?: number
}

/** The Deployment of a service, in the namespace default, under the name of its project. */
function deploymentOf({ project, replicas, container, grace = 0 }: ServiceOptions): KubeObject {
  const labels = { 'devk.dev/project': project, 'devk.dev/service': 'backend' }
  const main = { name: 'main', image: baseImage, imagePullPolicy: 'Never', ...container }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: project, namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { terminationGracePeriodSeconds: grace, containers: [main] },
      },
    },
  }
}

/** Starts a service and waits until all of its pods are ready. */
export async function startService(live: LiveCluster, options: ServiceOptions): Promise<void> {
  await live.server.create('/apis/apps/v1/namespaces/default/deployments', deploymentOf(options))
  await eventually(`${options.replicas} ready pods`, 120, async () => {
    const ready = (await runningIn(live.server, options.project)).filter((container) => container.ready)
    return ready.length === options.replicas || undefined
  })
}

/** Deletes the service of a project. */
export async function removeService({ server }: LiveCluster, project: string): Promise<void> {
  await server.remove(`/apis/apps/v1/namespaces/default/deployments/${project}`)
}
