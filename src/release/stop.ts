import { DevkError } from '../errors.ts'
import { type KubeObject, nameOf } from '../kube/api.ts'
import { recordOf } from '../lib/record.ts'
import { backUpdate, beforeChange, passingUpdate } from '../stack/passing.ts'
import type { Plan } from '../stack/plan.ts'

/**
 * The plan that ends all pods of workloads. Those that are stopped stay so. Pure. Throws USAGE for a DaemonSet, which
 * has no number of replicas, and OBJECT_FOREIGN for a workload that devk did not apply.
 */
export function planStop(workloads: readonly KubeObject[]): Plan {
  const daemons = workloads.find(({ kind }) => kind === 'DaemonSet')
  if (daemons !== undefined) {
    throw new DevkError('USAGE', `${nameOf(daemons)} runs a pod on each node, and cannot be stopped`, {
      hint: 'Take it out of the manifests, and run devk up.',
    })
  }
  const withoutPods = (before: KubeObject) => ({ ...before, spec: { ...recordOf(before.spec), replicas: 0 } })
  const running = workloads.filter((workload) => !isStopped(workload))
  return { actions: running.map((workload) => passingUpdate(workload, 'stopped', withoutPods)) }
}

/** The plan that gives stopped workloads their pods again. Nothing for the others. Pure. */
export function planStart(workloads: readonly KubeObject[]): Plan {
  return { actions: workloads.filter(isStopped).flatMap((each) => backUpdate(each, 'stopped')) }
}

/** Whether `devk stop` has stopped a workload, and nobody has started it since. Pure. */
export function isStopped(workload: KubeObject): boolean {
  return beforeChange(workload, 'stopped') !== undefined && recordOf(workload.spec).replicas === 0
}
