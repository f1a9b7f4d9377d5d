import type { KubeObject } from './api.ts'
import { conditionOf, type Pod } from './pod.ts'

/** The pod to talk to: of those that are ready and not on their way out, the one made last. */
export function newestReady(pods: readonly KubeObject[]): Pod | undefined {
  return pods
    .filter((pod) => pod.metadata.deletionTimestamp === undefined && conditionOf(pod, 'Ready')?.status === 'True')
    .sort((a, b) => madeAt(b) - madeAt(a))
    .at(0) as Pod | undefined
}

function madeAt(pod: KubeObject): number {
  return Date.parse(pod.metadata.creationTimestamp ?? '') || 0
}
