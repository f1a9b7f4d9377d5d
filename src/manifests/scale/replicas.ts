import { groupKindOf } from '../../kube/api.ts'
import { fieldsAt, type ScaleRule } from './rule.ts'

const scalable = new Set(['apps/Deployment', 'apps/StatefulSet', 'apps/ReplicaSet', 'argoproj.io/Rollout'])

/** Reduces replicas to the maximum of scale.replicas. */
export const replicas: ScaleRule = ({ object, scale, note }) => {
  const spec = scalable.has(groupKindOf(object)) ? fieldsAt(object, 'spec') : undefined
  const count = spec?.replicas
  if (spec === undefined || scale.replicas === undefined || typeof count !== 'number' || count <= scale.replicas) return
  note('scale.replicas', 'spec.replicas', count, scale.replicas)
  spec.replicas = scale.replicas
}

/** Reduces the minimum of an autoscaler to scale.replicas, and its maximum to scale.autoscale. */
export const autoscalers: ScaleRule = ({ object, scale, note }) => {
  const spec = groupKindOf(object) === 'autoscaling/HorizontalPodAutoscaler' ? fieldsAt(object, 'spec') : undefined
  if (spec === undefined) return
  const cap = (field: 'minReplicas' | 'maxReplicas', rule: 'replicas' | 'autoscale', most: number | undefined) => {
    const count = spec[field]
    if (most === undefined || typeof count !== 'number' || count <= most) return
    note(`scale.${rule}`, `spec.${field}`, count, most)
    spec[field] = most
  }
  cap('minReplicas', 'replicas', scale.replicas)
  cap('maxReplicas', 'autoscale', scale.autoscale)
  cap('minReplicas', 'autoscale', scale.autoscale)
}
