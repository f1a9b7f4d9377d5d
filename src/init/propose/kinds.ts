import type { KubeObject } from '../../kube/api.ts'
import { isRecord } from '../../lib/record.ts'
import { podTemplate } from '../../manifests/workload.ts'

/** Presets that bring the kinds of an API group, or do the work of its controller. */
const ofGroups: Readonly<Record<string, string>> = {
  'monitoring.coreos.com': 'prometheus',
  'cert-manager.io': 'tls',
  'acme.cert-manager.io': 'tls',
  'gateway.networking.k8s.io': 'ingress',
}
const ofKinds: Readonly<Record<string, string>> = { Ingress: 'ingress', HorizontalPodAutoscaler: 'metrics-server' }

/** Presets for the features and kinds that objects need from the cluster. Pure. */
export function presetsFor(objects: readonly KubeObject[]): string[] {
  const wanted = objects.flatMap(({ kind, apiVersion }) => ofKinds[kind] ?? ofGroups[groupOf(apiVersion)] ?? [])
  return [...new Set(wanted)]
}

/** What the objects need and neither the manifests, nor the cluster, nor a preset bring: sentences. Pure. */
export function missingNotes(objects: readonly KubeObject[]): string[] {
  return [...kindNotes(objects), ...configMapNotes(objects), ...objects.flatMap(externalNote)]
}

function kindNotes(objects: readonly KubeObject[]): string[] {
  const defined = new Set(
    objects.flatMap(({ kind, spec }) => {
      if (kind !== 'CustomResourceDefinition' || !isRecord(spec) || !isRecord(spec.names)) return []
      return [`${spec.group} ${spec.names.kind}`]
    }),
  )
  const unknown = objects.filter(({ apiVersion, kind }) => {
    const group = groupOf(apiVersion)
    return group.includes('.') && !group.endsWith('.k8s.io') && !(group in ofGroups) && !defined.has(`${group} ${kind}`)
  })
  return [...Map.groupBy(unknown, ({ apiVersion }) => groupOf(apiVersion))].map(([group, all]) => {
    const kinds = [...new Set(all.map(({ kind }) => kind))].join(', ')
    return `The cluster will not know ${kinds} (${group}): add what defines it to deploy, or leave these objects out.`
  })
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
}

type Source = { readonly name?: unknown; readonly optional?: unknown } | undefined

function configMapNotes(objects: readonly KubeObject[]): string[] {
  const there = new Set(objects.filter(({ kind }) => kind === 'ConfigMap').map(({ metadata }) => metadata.name))
  const wanted = objects.flatMap((object) => {
    const {
      containers,
      initContainers = [],
      volumes = [],
    } = podTemplate(object)?.spec ?? { containers: [], volumes: [] }
    const each = [...containers, ...initContainers]
    const env = each.flatMap(({ env: own = [] }) => own.map(({ valueFrom }) => field(valueFrom, 'configMapKeyRef')))
    const from = each.flatMap(({ envFrom = [] }) => envFrom.map((one) => field(one, 'configMapRef')))
    const mounted = (volumes as unknown[]).map((volume) => field(volume, 'configMap'))
    return [...env, ...from, ...mounted].flatMap((ref) =>
      typeof ref?.name === 'string' && ref.optional !== true && !there.has(ref.name) ? ref.name : [],
    )
  })
  // Kubernetes itself makes this one in each namespace.
  const names = [...new Set(wanted)].filter((name) => name !== 'kube-root-ca.crt')
  return names.map((name) => `No manifest defines the ConfigMap ${name}, which pods need. Add it to deploy.`)
}

function field(value: unknown, key: string): Source {
  const inner = isRecord(value) ? value[key] : undefined
  return isRecord(inner) ? inner : undefined
}

function externalNote({ kind, metadata, spec }: KubeObject): string[] {
  if (kind !== 'Service' || !isRecord(spec) || spec.type !== 'ExternalName') return []
  return [
    `The Service ${metadata.name} points to ${spec.externalName}. ` +
      `Add externals: { ${metadata.name}: … } to run it in the cluster.`,
  ]
}
