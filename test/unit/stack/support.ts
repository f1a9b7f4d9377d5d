import { resolveConfig } from '../../../src/config/resolve.ts'
import { configSchema, type LoadedConfig } from '../../../src/config/schema.ts'
import type { KubeObject } from '../../../src/kube/api.ts'
import type { DesiredObject } from '../../../src/stack/desired/configured.ts'
import { type Desired, desiredState } from '../../../src/stack/desired/desired.ts'
import { type FakeKube, type FakeKubeOptions, fakeKube } from '../../fakes/kube.ts'

export const configOf = (input: object): LoadedConfig =>
  resolveConfig(configSchema.parse({ name: 'todo', ...input }), '/p/platform.config.ts', '/p')

const origin = { file: 'k8s/a.yaml', line: 1 }

/** The desired state of these manifests and this configuration. */
export function desiredOf(objects: readonly KubeObject[], config: object = {}, more: object = {}): Desired {
  return desiredState({
    config: configOf(config),
    rendered: objects.map((object) => ({ object, origin })),
    images: {},
    secrets: { secrets: {}, externals: {} },
    hashKey: 'key',
    ...more,
  })
}

export const configMap = (name: string, data: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
})

export const deployment = (name: string, image = `${name}:1`, container: object = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'app', image, ...container }] } },
  },
})

/** The status that the Deployment controller writes once all pods run. */
export const rolledOut = {
  observedGeneration: 1000,
  replicas: 1,
  updatedReplicas: 1,
  readyReplicas: 1,
  availableReplicas: 1,
}

export const managedFields = [{ manager: 'devk', operation: 'Apply' }]

/** A desired object as the server would give it after it was applied. */
export function asApplied({ object }: DesiredObject, more: object = {}): KubeObject {
  return { ...object, ...more, metadata: { ...object.metadata, uid: `uid ${object.metadata.name}`, managedFields } }
}

/** The fake API server with field managers and field selectors, which the stack needs. */
export function stackKube(options: FakeKubeOptions = {}): FakeKube {
  const kube = fakeKube({
    ...options,
    onApply(object) {
      const answer = options.onApply?.(object) ?? object
      return { ...answer, metadata: { ...answer.metadata, managedFields } }
    },
  })
  return {
    ...kube,
    watch: (kind, { fields: _, ...selectors }, onEvent) => kube.watch(kind, selectors, onEvent),
  }
}
