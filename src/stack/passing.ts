/**
 * Changes to objects that are taken back later. An annotation keeps the object as devk had applied it. The label with
 * its hash names the change: without one the object would not be devk's, and with the old one the next `devk up` would
 * not take the change back.
 */
import { DevkError } from '../errors.ts'
import { type KubeObject, keyOf, nameOf } from '../kube/api.ts'
import { appliedByDevk } from '../kube/managed.ts'
import { annotations, labels } from '../lib/keys.ts'
import { isRecord } from '../lib/record.ts'
import { type Action, updateOf } from './plan.ts'

/** Values of the label with the hash while a change is there, by the name of its annotation in `keys.ts`. */
const marks = { debug: 'debugged', stopped: 'stopped', swap: 'swapped' } as const

/** A kind of change. */
export type PassingChange = keyof typeof marks

/** The object as devk had applied it. Pure. Throws OBJECT_FOREIGN for an object that devk did not apply. */
export function requireApplied(object: KubeObject): KubeObject {
  const applied = appliedByDevk(object)
  if (applied !== undefined) return applied
  throw new DevkError('OBJECT_FOREIGN', `${nameOf(object)} was not deployed by devk`, {
    hint: 'devk changes only what it has deployed itself. Run devk up.',
  })
}

/** The metadata of an object with the mark of a change, whose annotation has this note. Pure. */
export function markedAs(kind: PassingChange, { metadata }: KubeObject, note: unknown): KubeObject['metadata'] {
  return {
    ...metadata,
    labels: { ...metadata.labels, [labels.hash]: marks[kind] },
    annotations: { ...metadata.annotations, [annotations[kind]]: JSON.stringify(note) },
  }
}

/** The note of a change on an object; undefined if there is none that is JSON. Pure. */
export function noteOn({ metadata }: KubeObject, kind: PassingChange): unknown {
  const text = metadata.annotations?.[annotations[kind]] ?? ''
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** An object that a note has kept, if it is a record of this object. Pure. */
export function keptOf(kept: unknown, object: KubeObject): KubeObject | undefined {
  if (!isRecord(kept) || typeof kept.apiVersion !== 'string' || !isRecord(kept.metadata)) return undefined
  const before = kept as unknown as KubeObject
  return keyOf(before) === keyOf(object) ? before : undefined
}

/**
 * Changes a workload for a while. `change` gets it as devk had applied it. Pure. Throws OBJECT_FOREIGN for a workload
 * that devk did not apply.
 */
export function passingUpdate(
  workload: KubeObject,
  kind: Exclude<PassingChange, 'swap'>,
  change: (before: KubeObject) => KubeObject,
): Action {
  const applied = requireApplied(workload)
  const before = beforeChange(workload, kind) ?? applied
  return updateOf({ ...change(before), metadata: markedAs(kind, before, before) }, workload.metadata.uid)
}

/** Takes a change of a workload back; nothing if there was none, or if it is gone. Pure. */
export function backUpdate(workload: KubeObject, kind: Exclude<PassingChange, 'swap'>): Action[] {
  const before = beforeChange(workload, kind)
  return before === undefined ? [] : [updateOf(before, workload.metadata.uid)]
}

/** The workload as devk had applied it before the change. Pure. */
export function beforeChange(workload: KubeObject, kind: Exclude<PassingChange, 'swap'>): KubeObject | undefined {
  return keptOf(noteOn(workload, kind), workload)
}
