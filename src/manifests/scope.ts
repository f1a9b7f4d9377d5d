import { groupKindOf, type KindRef, type KubeObject } from '../kube/api.ts'
import { isRecord } from '../lib/record.ts'

/** Built-in kinds that are not namespaced, by API group. */
const clusterScoped = new Set([
  ...['/Namespace', '/Node', '/PersistentVolume'],
  ...['rbac.authorization.k8s.io/ClusterRole', 'rbac.authorization.k8s.io/ClusterRoleBinding'],
  'apiextensions.k8s.io/CustomResourceDefinition',
  'apiregistration.k8s.io/APIService',
  'scheduling.k8s.io/PriorityClass',
  'networking.k8s.io/IngressClass',
  'node.k8s.io/RuntimeClass',
  ...[
    'storage.k8s.io/StorageClass',
    'storage.k8s.io/CSIDriver',
    'storage.k8s.io/CSINode',
    'storage.k8s.io/VolumeAttachment',
  ],
  ...['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'].map(
    (kind) => `admissionregistration.k8s.io/${kind}`,
  ),
  ...['', 'Binding'].map((end) => `admissionregistration.k8s.io/ValidatingAdmissionPolicy${end}`),
  'certificates.k8s.io/CertificateSigningRequest',
  ...['FlowSchema', 'PriorityLevelConfiguration'].map((kind) => `flowcontrol.apiserver.k8s.io/${kind}`),
  'gateway.networking.k8s.io/GatewayClass',
  'cert-manager.io/ClusterIssuer',
])

/**
 * Whether a kind is namespaced, without a request: from the built-in kinds and from the CustomResourceDefinitions among
 * `objects`. `known` takes precedence; it has the kinds of the existing cluster.
 */
export function scopes(
  objects: readonly KubeObject[],
  known: (kind: KindRef) => boolean | undefined = () => undefined,
): (kind: KindRef) => boolean {
  const outside = new Set(clusterScoped)
  for (const object of objects) {
    if (object.kind !== 'CustomResourceDefinition' || !isRecord(object.spec)) continue
    const { group, scope, names } = object.spec
    if (scope === 'Cluster' && isRecord(names)) outside.add(`${group}/${names.kind}`)
  }
  return (kind) => known(kind) ?? !outside.has(groupKindOf(kind))
}
