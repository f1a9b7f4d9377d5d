import { join } from 'node:path'
import { parse } from 'yaml'
import type { KubeObject } from '../../../src/kube/api.ts'
import { readBuiltIn } from '../../../src/presets/folder.ts'
import { readManifests } from '../../../src/presets/manifests.ts'
import { presetObjects } from '../../../src/up/presets/generated.ts'
import { configOf } from '../stack/support.ts'

interface Container {
  readonly command?: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[]
  readonly readinessProbe?: { readonly exec?: { readonly command: readonly string[] } }
}

interface Workload {
  readonly template: {
    readonly spec: { readonly containers: readonly Container[]; readonly initContainers?: readonly Container[] }
  }
}

/** What the objects of logging-efk say about passwords. */
export async function passwordsOfEfk() {
  const chosen = await readBuiltIn(join(import.meta.dirname, '../../../presets'), ['logging-efk'])
  const { objects } = await presetObjects(
    {
      config: configOf({}),
      chosen,
      manifests: readManifests(chosen),
      project: async () => [],
      issuer: undefined,
      hooks: { say: () => {}, done: () => {} },
      kube: undefined,
    },
    new AbortController().signal,
  )
  const all = (objects.get('logging-efk') ?? []).map(({ object }) => object)
  const named = (kind: string, name: string) => {
    const found = all.find((object) => object.kind === kind && object.metadata.name === name)
    if (found === undefined) throw new Error(`logging-efk has no ${kind} ${name}`)
    return found
  }
  const specOf = (object: KubeObject) => (object.spec as Workload).template.spec
  const [elasticsearch, kibana] = [specOf(named('StatefulSet', 'elasticsearch')), specOf(named('Deployment', 'kibana'))]
  const collector = specOf(named('DaemonSet', 'fluent-bit'))
  const config = parse(
    (named('ConfigMap', 'fluent-bit-config').data as Record<string, string>)['fluent-bit.yaml'] ?? '',
  )
  return {
    elasticsearch: { env: envOf(elasticsearch.containers[0]), probe: probeOf(elasticsearch.containers[0]) },
    kibana: { env: envOf(kibana.containers[0]), setUp: kibana.initContainers?.[0]?.command?.at(-1) ?? '' },
    collector: { env: envOf(collector.containers[0]), config: config.pipeline.outputs[0] as object },
    secret: Object.keys(named('Secret', 'logging-efk-passwords').data as object),
  }
}

function envOf(container: Container | undefined): Record<string, unknown> {
  return Object.fromEntries((container?.env ?? []).map(({ name, value, valueFrom }) => [name, value ?? valueFrom]))
}

function probeOf(container: Container | undefined): string {
  return container?.readinessProbe?.exec?.command.at(-1) ?? ''
}
