import type { KubeObject } from '../../../src/kube/api.ts'

/** What an object of a history says: `content` may change in place, and what `fixed` stands for may not. */
export interface Part {
  readonly kind: string
  readonly name: string
  readonly namespace: string
  readonly content: string
  readonly fixed: string
}

/** A kind of object that histories use. */
interface HistoryKind {
  /** The collection of all namespaces. */
  readonly collection: (project: string) => string
  readonly isClusterScoped?: true
  /** `up` keeps such objects when they are no longer wanted, because others may use what is in them. */
  readonly isHolder?: true
  make(part: Part, project: string): Record<string, unknown>
}

const pods = (part: Part) => ({
  metadata: { labels: { app: `${part.name}-${part.fixed}` } },
  spec: {
    terminationGracePeriodSeconds: 0,
    nodeSelector: { nowhere: 'true' },
    containers: [
      { name: 'main', image: 'registry.k8s.io/pause:3.10', env: [{ name: 'CONTENT', value: part.content }] },
    ],
  },
})
const selector = (part: Part) => ({ matchLabels: { app: `${part.name}-${part.fixed}` } })
const rules = (part: Part) => [{ apiGroups: [''], resources: [part.content], verbs: ['get'] }]
const group = (project: string) => `${project}.example.com`
const core = (resource: string) => () => `/api/v1/${resource}`
const named = (path: string) => () => `/apis/${path}`

/** The kinds of histories. No pod is started, so that a step takes a fraction of a second. */
export const historyKinds: Readonly<Record<string, HistoryKind>> = {
  ConfigMap: {
    collection: core('configmaps'),
    make: ({ content, fixed }) => ({
      apiVersion: 'v1',
      data: { content },
      ...(fixed === 'a' ? {} : { immutable: true }),
    }),
  },
  Secret: {
    collection: core('secrets'),
    make: ({ content, fixed }) => ({ apiVersion: 'v1', type: `example.com/${fixed}`, stringData: { content } }),
  },
  ServiceAccount: {
    collection: core('serviceaccounts'),
    make: ({ content }) => ({ apiVersion: 'v1', automountServiceAccountToken: content.length % 2 === 0 }),
  },
  Service: {
    collection: core('services'),
    make: ({ content, fixed }) => ({
      apiVersion: 'v1',
      spec: { ...(fixed === 'a' ? {} : { clusterIP: 'None' }), selector: { app: content }, ports: [{ port: 80 }] },
    }),
  },
  Deployment: {
    collection: named('apps/v1/deployments'),
    make: (part) => ({ apiVersion: 'apps/v1', spec: { replicas: 0, selector: selector(part), template: pods(part) } }),
  },
  StatefulSet: {
    collection: named('apps/v1/statefulsets'),
    make: (part) => ({
      apiVersion: 'apps/v1',
      spec: { replicas: 0, serviceName: `s-${part.fixed}`, selector: selector(part), template: pods(part) },
    }),
  },
  DaemonSet: {
    collection: named('apps/v1/daemonsets'),
    make: (part) => ({ apiVersion: 'apps/v1', spec: { selector: selector(part), template: pods(part) } }),
  },
  CronJob: {
    collection: named('batch/v1/cronjobs'),
    make: (part) => ({
      apiVersion: 'batch/v1',
      spec: {
        schedule: '0 0 1 1 *',
        suspend: true,
        jobTemplate: { spec: { template: { ...pods(part), spec: { ...pods(part).spec, restartPolicy: 'Never' } } } },
      },
    }),
  },
  Role: {
    collection: named('rbac.authorization.k8s.io/v1/roles'),
    make: (part) => ({ apiVersion: 'rbac.authorization.k8s.io/v1', rules: rules(part) }),
  },
  RoleBinding: {
    collection: named('rbac.authorization.k8s.io/v1/rolebindings'),
    make: ({ content, fixed, namespace }) => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: fixed },
      subjects: [{ kind: 'ServiceAccount', name: content, namespace }],
    }),
  },
  NetworkPolicy: {
    collection: named('networking.k8s.io/v1/networkpolicies'),
    make: ({ content }) => ({
      apiVersion: 'networking.k8s.io/v1',
      spec: { podSelector: { matchLabels: { app: content } }, policyTypes: ['Ingress'] },
    }),
  },
  Thing: {
    collection: (project) => `/apis/${group(project)}/v1/things`,
    make: ({ content }, project) => ({ apiVersion: `${group(project)}/v1`, spec: { content } }),
  },
  ClusterRole: {
    collection: named('rbac.authorization.k8s.io/v1/clusterroles'),
    isClusterScoped: true,
    make: (part) => ({ apiVersion: 'rbac.authorization.k8s.io/v1', rules: rules(part) }),
  },
  PriorityClass: {
    collection: named('scheduling.k8s.io/v1/priorityclasses'),
    isClusterScoped: true,
    make: ({ content, fixed }) => ({
      apiVersion: 'scheduling.k8s.io/v1',
      value: fixed.charCodeAt(0),
      description: content,
    }),
  },
  PersistentVolumeClaim: {
    collection: core('persistentvolumeclaims'),
    isHolder: true,
    make: () => ({
      apiVersion: 'v1',
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
    }),
  },
}

/** Whether `up` keeps such an object when it is no longer wanted. */
export function isHolder({ kind }: Pick<KubeObject, 'kind'>): boolean {
  return ['Namespace', 'CustomResourceDefinition'].includes(kind) || historyKinds[kind]?.isHolder === true
}

/** The object that a part describes. */
export function objectOf(part: Part, project: string): KubeObject {
  const kind = historyKinds[part.kind]
  if (kind === undefined) throw new Error(`unknown kind ${part.kind}`)
  const { apiVersion, ...rest } = kind.make(part, project)
  const metadata = kind.isClusterScoped
    ? { name: `${project}-${part.name}` }
    : { name: part.name, namespace: part.namespace }
  return { apiVersion: String(apiVersion), kind: part.kind, metadata, ...rest }
}

/** The custom resource definition of `Thing`, which is the project's own. */
export function definitionOf(project: string): KubeObject {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `things.${group(project)}` },
    spec: {
      group: group(project),
      names: { kind: 'Thing', plural: 'things', singular: 'thing', listKind: 'ThingList' },
      scope: 'Namespaced',
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  }
}
