import { groupKindOf, type KindRef } from '../../kube/api.ts'

/** What is applied together; each stage stands on the ones before it. */
export const stages = ['namespaces', 'definitions', 'settings', 'services', 'volumes', 'workloads', 'rest'] as const
export type Stage = (typeof stages)[number]

const stageOfKind: Readonly<Record<string, Stage>> = {
  '/Namespace': 'namespaces',
  'apiextensions.k8s.io/CustomResourceDefinition': 'definitions',
  '/ServiceAccount': 'settings',
  '/ConfigMap': 'settings',
  '/Secret': 'settings',
  '/ResourceQuota': 'settings',
  '/LimitRange': 'settings',
  'rbac.authorization.k8s.io/Role': 'settings',
  'rbac.authorization.k8s.io/RoleBinding': 'settings',
  'rbac.authorization.k8s.io/ClusterRole': 'settings',
  'rbac.authorization.k8s.io/ClusterRoleBinding': 'settings',
  'scheduling.k8s.io/PriorityClass': 'settings',
  'storage.k8s.io/StorageClass': 'settings',
  'networking.k8s.io/IngressClass': 'settings',
  'networking.k8s.io/NetworkPolicy': 'settings',
  'policy/PodDisruptionBudget': 'settings',
  '/Service': 'services',
  '/PersistentVolume': 'volumes',
  '/PersistentVolumeClaim': 'volumes',
  '/Pod': 'workloads',
  'apps/Deployment': 'workloads',
  'apps/StatefulSet': 'workloads',
  'apps/DaemonSet': 'workloads',
  'apps/ReplicaSet': 'workloads',
  'batch/Job': 'workloads',
  'argoproj.io/Rollout': 'workloads',
  'batch/CronJob': 'workloads',
}

export function stageOf(kind: KindRef): Stage {
  return stageOfKind[groupKindOf(kind)] ?? 'rest'
}

/** The objects stage by stage, each stage in the order given. */
export function inStages<T>(items: readonly T[], kindOf: (item: T) => KindRef): T[] {
  return stages.flatMap((stage) => items.filter((item) => stageOf(kindOf(item)) === stage))
}
