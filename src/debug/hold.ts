import type { KubeObject } from '../kube/api.ts'
import { annotations } from '../lib/keys.ts'
import { type PodTemplate, podTemplate, withPodTemplate } from '../manifests/workload.ts'
import { backUpdate, beforeChange, passingUpdate } from '../stack/passing.ts'
import type { Plan } from '../stack/plan.ts'

/** What a debug session changes in a pod template, besides the probes. */
export type Preparation = (template: PodTemplate, container: string) => void

/**
 * The plan that makes a workload fit for a debugger: one replica, so that each request meets the breakpoints, and no
 * probe that would restart the stopped container. The readiness probe stays. Pure. Throws what `passingUpdate` throws.
 */
export function planHold(workload: KubeObject, container: string, prepare?: Preparation): Plan {
  const update = passingUpdate(workload, 'debug', (before) => {
    const changed = withPodTemplate(before, (template) => {
      const main = template.spec.containers.find(({ name }) => name === container)
      delete main?.livenessProbe
      delete main?.startupProbe
      prepare?.(template, container)
    })
    const spec = changed.spec as { replicas?: number }
    return (spec.replicas ?? 0) > 1 ? { ...changed, spec: { ...spec, replicas: 1 } } : changed
  })
  return { actions: [update] }
}

/** The plan that takes back what a debug session has changed. Nothing if there was none, or if it is gone. Pure. */
export function planRelease(workload: KubeObject): Plan {
  return { actions: backUpdate(workload, 'debug') }
}

/** Whether a debug session has changed a workload, and nobody has changed it back. Pure. */
export function isMarked(workload: KubeObject): boolean {
  return beforeChange(workload, 'debug') !== undefined
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
  return beforeChange(workload, 'debug') ?? workload
}
