import { DevkError } from '../errors.ts'
import { type KubeObject, nameOf, type ObjectRef, refOf } from '../kube/api.ts'
import { placeOf } from '../manifests/rendered.ts'
import { containersOf, podTemplate } from '../manifests/workload.ts'
import { type DesiredObject, withoutOrigin } from './desired/configured.ts'

/** One change of the cluster, or the reason why there is none. */
export type Action =
  /** `after` is the UID of an object of the same name that is being deleted and must be gone first. */
  | { readonly do: 'create'; readonly wanted: DesiredObject; readonly after: string | undefined }
  /** `preview` is the object as the API server would store it, from a dry run. */
  | { readonly do: 'update'; readonly wanted: DesiredObject; readonly preview?: KubeObject }
  /** Deletes the object and creates it again, because the API server does not allow a change of what differs. */
  | {
      readonly do: 'replace'
      readonly wanted: DesiredObject
      readonly uid: string
      readonly why: string
      readonly preview?: KubeObject
    }
  /** The same for an object with which something would be lost; the plan must not run. `way` says how to go on. */
  | {
      readonly do: 'refuse'
      readonly wanted: DesiredObject
      readonly why: string
      readonly way: string
      readonly preview?: KubeObject
    }
  /** Changes the given fields and no others, of the object or of its status (JSON merge patch). */
  | {
      readonly do: 'patch'
      readonly ref: ObjectRef
      readonly uid: string
      readonly patch: MergePatch
      readonly subresource?: 'status'
    }
  | { readonly do: 'unchanged'; readonly wanted: DesiredObject }
  | { readonly do: 'delete'; readonly ref: ObjectRef; readonly uid: string }
  /** The object stays as it is, although it differs from the manifests or is not in them. */
  | { readonly do: 'keep'; readonly ref: ObjectRef; readonly why: string }
  /** The object belongs to someone else, so the plan must not run. */
  | { readonly do: 'conflict'; readonly ref: ObjectRef; readonly why: string }

/** An action that writes an object. */
export type Write = Extract<Action, { do: 'create' | 'update' | 'replace' | 'patch' }>

/** A write that applies a whole object. */
export type Apply = Exclude<Write, { do: 'patch' }>

interface MergePatch {
  readonly metadata?: object
  readonly [field: string]: unknown
}

/** What is to be done in the cluster. The writes come in the order in which they are made, the deletions after them. */
export interface Plan {
  readonly actions: readonly Action[]
  /** Whether it leaves out what the sources also ask for. */
  readonly partial?: true
}

/** Creates an object that must not exist yet. */
export function creationOf(object: KubeObject): Action {
  return { do: 'create', wanted: withoutOrigin(object), after: undefined }
}

/**
 * Applies an object that devk owns. With a UID, the API server refuses the write if another object has the name by
 * then.
 */
export function updateOf(object: KubeObject, uid?: string): Action {
  const metadata = uid === undefined ? object.metadata : { ...object.metadata, uid }
  return { do: 'update', wanted: withoutOrigin({ ...object, metadata }) }
}

/** Patches exactly this object, and no other one of its name. */
export function patchOf(object: KubeObject, patch: MergePatch, subresource?: 'status'): Action {
  const uid = object.metadata.uid ?? ''
  return { do: 'patch', ref: refOf(object), uid, patch, ...(subresource === undefined ? {} : { subresource }) }
}

/** Deletes exactly this object, and no other one of its name. */
export function deletionOf(object: KubeObject): Action {
  return { do: 'delete', ref: refOf(object), uid: object.metadata.uid ?? '' }
}

/** Whether the action writes an object. */
export function isWrite(action: Action): action is Write {
  return action.do === 'patch' || isApply(action)
}

/** Whether the action applies a whole object. */
export function isApply(action: Action): action is Apply {
  return action.do === 'create' || action.do === 'update' || action.do === 'replace'
}

/** Whether the action leaves the cluster as it is. */
export function writesNothing(action: Action): boolean {
  return action.do === 'unchanged' || action.do === 'keep'
}

/** Whether the plan leaves the cluster as it is. */
export function isEmpty(plan: Plan): boolean {
  return plan.actions.every(writesNothing)
}

/** Whether the plan only creates objects, so that nothing that runs changes. */
export function isAllNew({ actions }: Plan): boolean {
  return actions.every((action) => action.do === 'create' || writesNothing(action))
}

/** The objects that the plan deletes. */
export function deletionsOf({ actions }: Plan): Extract<Action, { do: 'delete' }>[] {
  return actions.filter((action) => action.do === 'delete')
}

/**
 * Throws OBJECT_FOREIGN, with the name of each such object, if the plan would change an object that is not the
 * project's.
 */
export function rejectConflicts(plan: Plan): void {
  const conflicts = plan.actions.filter((action) => action.do === 'conflict')
  if (conflicts.length === 0) return
  throw new DevkError('OBJECT_FOREIGN', 'Objects with these names exist in the cluster and belong to someone else', {
    details: [...conflicts.map(({ ref, why }) => `${nameOf(ref)} ${why}`), 'Nothing was changed.'],
    hint: 'Delete them with kubectl if they are yours, or choose another namespace (deploy.namespace).',
  })
}

/** Throws MANIFEST_INVALID, with the way forward for each, if the plan has changes that the API server refuses. */
export function rejectRefusals(plan: Plan): void {
  const details = plan.actions.flatMap((action) =>
    action.do === 'refuse'
      ? [`${placeOf(action.wanted.origin)}: ${nameOf(action.wanted.object)}: ${action.why}; ${action.way}.`]
      : [],
  )
  if (details.length === 0) return
  throw new DevkError('MANIFEST_INVALID', 'Some fields cannot be changed, and devk does not delete what holds data', {
    details: [...details, 'Nothing was changed.'],
    hint: 'devk plan shows the fields that differ.',
  })
}

/** The images of the pods that these actions create or change, and those that their objects name elsewhere. */
export function imagesOfWrites(actions: readonly Action[]): Set<string> {
  const wanted = actions.filter(isApply).map((action) => action.wanted)
  const templates = wanted.flatMap(({ object }) => podTemplate(object) ?? [])
  const inPods = templates.flatMap((template) => containersOf(template).flatMap(({ image }) => image || []))
  return new Set([...inPods, ...wanted.flatMap(({ images = [] }) => images)])
}
