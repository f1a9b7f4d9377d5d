import { groupKindOf, type KindRef } from '../../kube/api.ts'

/** Objects of one stage are applied together. They may depend on objects of the stages before. */
export const stages = ['namespaces', 'definitions', 'settings', 'services', 'volumes', 'workloads', 'rest'] as const
/** One of the stages. */
export type ApplyStage = (typeof stages)[number]

const stageOfKind: Readonly<Record<string, ApplyStage>> = {
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

/** The stage of a kind; `rest` for a kind that Kubernetes itself does not have. */
export function stageOf(kind: KindRef): ApplyStage {
  return stageOfKind[groupKindOf(kind)] ?? 'rest'
}

/** The items sorted by stage; the order within a stage stays as it is. */
export function inStages<T>(items: readonly T[], kindOf: (item: T) => KindRef): T[] {
  return stages.flatMap((stage) => items.filter((item) => stageOf(kindOf(item)) === stage))
}
