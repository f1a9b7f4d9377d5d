import { DevkError } from '../../../src/errors.ts'
import type { KubeObject } from '../../../src/kube/api.ts'
import { deployStack, prepareStack } from '../../../src/stack/deploy.ts'
import type { StackEvent } from '../../../src/stack/events.ts'
import type { FakeKube } from '../../fakes/kube.ts'
import { desiredOf, rolledOut } from './support.ts'

/** Never aborts. */
export const never = new AbortController().signal

/** Deploys the project `todo` with these manifests; resolves with whether something changed. */
export async function up(
  kube: FakeKube,
  objects: KubeObject[],
  config: object = {},
  timeoutMs = 5000,
  events: StackEvent[] = [],
) {
  const deps = {
    kube,
    timeoutMs,
    signal: never,
    clock: Date.now,
    onEvent: (event: StackEvent) => void events.push(event),
  }
  const more = { secrets: { secrets: {}, externals: {} } }
  const desired = (hashKey: string) => desiredOf(objects, config, { ...more, hashKey })
  const prepared = await prepareStack('todo', desired, deps, { pruneData: false })
  return deployStack(prepared, deps)
}

/** A controller that updates the status at once. */
export const atOnce = (object: KubeObject) =>
  /^(Deployment|StatefulSet)$/.test(object.kind) ? { ...object, status: rolledOut } : undefined
/** An error of the API server. */
export const refusal = (code: number, more: object = {}) =>
  new DevkError('KUBE_API', 'the server said no', { cause: { kind: 'Status', code, ...more } })
