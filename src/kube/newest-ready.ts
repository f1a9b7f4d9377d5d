import type { KubeObject } from './api.ts'
import { conditionOf, type Pod } from './pod.ts'

/** The newest pod that is ready and not being deleted. */
export function newestReady(pods: readonly KubeObject[]): Pod | undefined {
  return pods
    .filter((pod) => pod.metadata.deletionTimestamp === undefined && conditionOf(pod, 'Ready')?.status === 'True')
    .sort((a, b) => createdAt(b) - createdAt(a))
    .at(0) as Pod | undefined
}

function createdAt(pod: KubeObject): number {
  return Date.parse(pod.metadata.creationTimestamp ?? '') || 0
}
