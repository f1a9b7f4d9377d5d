/**
 * Changes to workloads that are taken back later. An annotation keeps the workload as devk had applied it. The label
 * with its hash names the change: without one the workload would not be devk's, and with the old one the next `devk up`
 * would not take the change back.
 */
import { DevkError } from '../errors.ts'
import { type KubeObject, keyOf, nameOf } from '../kube/api.ts'
import { appliedByDevk } from '../kube/managed.ts'
import { annotations, labels } from '../lib/keys.ts'
import { isRecord } from '../lib/record.ts'
import { type Action, updateOf } from './plan.ts'

/** A kind of change: its annotation is `devk.dev/debug` or `devk.dev/stopped`. */
export type PassingChange = 'debug' | 'stopped'

/** Values of the label with the hash while the change is there. */
const marks: Readonly<Record<PassingChange, string>> = { debug: 'debugged', stopped: 'stopped' }

/**
 * Changes a workload for a while. `change` gets it as devk had applied it. Pure. Throws OBJECT_FOREIGN for a workload
 * that devk did not apply.
 */
export function passingUpdate(
  workload: KubeObject,
  kind: PassingChange,
  change: (before: KubeObject) => KubeObject,
): Action {
  const applied = appliedByDevk(workload)
  if (applied === undefined) {
    throw new DevkError('OBJECT_FOREIGN', `${nameOf(workload)} was not deployed by devk`, {
      hint: 'devk changes only what it has deployed itself. Run devk up.',
    })
  }
  const before = beforeChange(workload, kind) ?? applied
  const notes = { ...before.metadata.annotations, [annotations[kind]]: JSON.stringify(before) }
  const marked = { ...before.metadata.labels, [labels.hash]: marks[kind] }
  const metadata = { ...before.metadata, labels: marked, annotations: notes }
  return updateOf({ ...change(before), metadata }, workload.metadata.uid)
}

/** Takes a change back; undefined if there was none, or if it is gone. Pure. */
export function backUpdate(workload: KubeObject, kind: PassingChange): Action | undefined {
  const before = beforeChange(workload, kind)
  return before && updateOf(before, workload.metadata.uid)
}

/** The workload as devk had applied it before the change. Only a record of the same object counts. Pure. */
export function beforeChange(workload: KubeObject, kind: PassingChange): KubeObject | undefined {
  const text = workload.metadata.annotations?.[annotations[kind]]
  if (text === undefined) return undefined
  try {
    const before: unknown = JSON.parse(text)
    if (!isRecord(before) || !isRecord(before.metadata)) return undefined
    const object = before as KubeObject
    return keyOf(object) === keyOf(workload) ? object : undefined
  } catch {
    return undefined
  }
}
