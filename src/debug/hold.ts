import { DevkError } from '../errors.ts'
import { type KubeObject, keyOf, nameOf } from '../kube/api.ts'
import { appliedByDevk } from '../kube/managed.ts'
import { annotations, labels } from '../lib/keys.ts'
import { isRecord } from '../lib/record.ts'
import { type PodTemplate, podTemplate, withPodTemplate } from '../manifests/workload.ts'
import { type Plan, updateOf } from '../stack/plan.ts'

/** What a debug session changes in a pod template, besides the probes. */
export type Preparation = (template: PodTemplate, container: string) => void

/**
 * The plan that makes a workload fit for a debugger: one replica, so that each request meets the breakpoints, and no
 * probe that would restart the stopped container. The readiness probe stays. An annotation keeps the workload as devk
 * had applied it. The label with its hash says `debugged`: without one the workload would not be devk's, and with the
 * old one the next `devk up` would not take the change back. Pure. Throws OBJECT_FOREIGN for a workload that devk did
 * not apply.
 */
export function planHold(workload: KubeObject, container: string, prepare?: Preparation): Plan {
  const applied = appliedByDevk(workload)
  if (applied === undefined) {
    throw new DevkError('OBJECT_FOREIGN', `${nameOf(workload)} was not deployed by devk`, {
      hint: 'devk changes only what it has deployed itself. Run devk up.',
    })
  }
  const before = beforeSession(workload) ?? applied
  const changed = withPodTemplate(before, (template) => {
    const main = template.spec.containers.find(({ name }) => name === container)
    delete main?.livenessProbe
    delete main?.startupProbe
    prepare?.(template, container)
  })
  const notes = { ...before.metadata.annotations, [annotations.debug]: JSON.stringify(before) }
  const spec = changed.spec as { replicas?: number }
  const single = (spec.replicas ?? 0) > 1 ? { ...spec, replicas: 1 } : spec
  const marked = { ...before.metadata.labels, [labels.hash]: 'debugged' }
  const metadata = { ...before.metadata, labels: marked, annotations: notes }
  return { actions: [updateOf({ ...changed, metadata, spec: single }, workload.metadata.uid)] }
}

/** The plan that takes back what a debug session has changed. Nothing if there was none, or if it is gone. Pure. */
export function planRelease(workload: KubeObject): Plan {
  const before = beforeSession(workload)
  return { actions: before === undefined ? [] : [updateOf(before, workload.metadata.uid)] }
}

/** Whether a debug session has changed a workload, and nobody has changed it back. Pure. */
export function isMarked(workload: KubeObject): boolean {
  return beforeSession(workload) !== undefined
}

/** Whether the pods of a workload can be debugged as they are: no probe would restart the container. Pure. */
export function isHeld(workload: KubeObject, container: string): boolean {
  const main = podTemplate(workload)?.spec.containers.find(({ name }) => name === container)
  return main === undefined || (main.livenessProbe === undefined && main.startupProbe === undefined)
}

/** `in a debug session, …`, for a workload that devk debug has changed; undefined for others. Pure. */
export function debugNote(notes: Readonly<Record<string, string>> | undefined): string | undefined {
  if (notes?.[annotations.debug] === undefined) return undefined
  return 'in a debug session; devk up ends one that was left'
}

/** A workload as it is without the change of a debug session. Pure. */
export function withoutSession(workload: KubeObject): KubeObject {
  return beforeSession(workload) ?? workload
}

/** The workload as devk had applied it before the session. Only a record of the same object counts. */
function beforeSession(workload: KubeObject): KubeObject | undefined {
  const text = workload.metadata.annotations?.[annotations.debug]
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
