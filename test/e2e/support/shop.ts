import { resolveConfig } from '../../../src/config/resolve.ts'
import { configSchema } from '../../../src/config/schema.ts'
import type { Kube, KubeObject, PodStreams } from '../../../src/kube/api.ts'
import { deployStack, prepareStack } from '../../../src/stack/deploy.ts'
import { type Desired, desiredState } from '../../../src/stack/desired/desired.ts'
import type { StackEvent } from '../../../src/stack/events.ts'
import { planRemoval, removeStack } from '../../../src/stack/remove.ts'
import { planLines } from '../../fakes/plan-lines.ts'
import { debian as image } from './pods/pods.ts'

/** The namespace of the project. */
export const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }
/** A Deployment of one container, which sleeps unless `container` says otherwise. */
export const deployment = (name: string, container: object, pod: object = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'shop' },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          { name: 'app', image, imagePullPolicy: 'IfNotPresent', command: ['sleep', 'infinity'], ...container },
        ],
        ...pod,
      },
    },
  },
})
/** An empty ConfigMap of the project. */
export const configMap = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop' },
})

/** The desired state of a project `shop` with these manifests. */
function wanted(objects: readonly KubeObject[], input: object, hashKey: string, password: string): Desired {
  const config = resolveConfig(configSchema.parse({ name: 'shop', ...input }), '/p/platform.config.ts', '/p')
  const rendered = objects.map((object, i) => ({ object, origin: { file: 'k8s/app.yaml', line: i + 1 } }))
  const secrets = { secrets: { s: { PASSWORD: password } }, externals: {} }
  return desiredState({ config, rendered, images: { web: image }, secrets, hashKey })
}

/** The project `shop` on a cluster. */
export function shopOn(kube: Kube, streams: PodStreams, signal: AbortSignal) {
  /** Deploys the project; gives the plan, whether something changed, and the events. */
  const up = async (
    objects: readonly KubeObject[],
    input: object = {},
    { timeoutMs = 120_000, password = 'a' } = {},
  ) => {
    const events: StackEvent[] = []
    const deps = {
      kube,
      streams,
      timeoutMs,
      signal,
      clock: Date.now,
      onEvent: (event: StackEvent) => void events.push(event),
    }
    const prepared = await prepareStack('shop', (key) => wanted(objects, input, key, password), deps, {
      pruneData: false,
    })
    return { plan: planLines(prepared.plan), changed: await deployStack(prepared, deps), events }
  }

  /** Removes the project; gives the plan. */
  const down = async (pruneData: boolean) => {
    const options = { kube, pruneData, timeoutMs: 120_000, signal }
    const plan = await planRemoval(kube, 'shop', options)
    await removeStack(plan, 'shop', options)
    return planLines(plan)
  }
  return { up, down }
}
