import { groupKindOf, type KubeObject } from '../../kube/api.ts'
import { isRecord, recordOf } from '../../lib/record.ts'

/** Name of the Secret with the authority of the cluster, for cert-manager. */
export const issuerSecret = 'devk-authority'
/** The namespace in which cert-manager looks for the Secrets of ClusterIssuers. */
const clusterNamespace = 'cert-manager'

const annotations = { 'cert-manager.io/cluster-issuer': 'ClusterIssuer', 'cert-manager.io/issuer': 'Issuer' } as const

/** Whether the kind of an object belongs to cert-manager. Pure. */
export function isCertManagers(object: KubeObject): boolean {
  return /^(acme\.)?cert-manager\.io\//.test(groupKindOf(object))
}

/** Whether an object has an annotation that names an issuer of cert-manager. Pure. */
export function asksIssuer({ metadata }: KubeObject): boolean {
  return Object.keys(annotations).some((key) => metadata.annotations?.[key] !== undefined)
}

/** Whether an object is an issuer that needs a server: ACME, Vault or Venafi. Pure. */
export function isRemoteIssuer(object: KubeObject): boolean {
  if (!/^cert-manager\.io\/(Cluster)?Issuer$/.test(groupKindOf(object))) return false
  return !['ca', 'selfSigned'].some((kind) => isRecord(object.spec) && isRecord(object.spec[kind]))
}

/** Issuers of cert-manager, and the namespaces in which they look for the Secret `issuerSecret`. */
export interface LocalIssuers {
  readonly issuers: readonly KubeObject[]
  readonly namespaces: readonly string[]
}

/**
 * Issuers that sign with the authority of the cluster, one for each issuer that objects refer to and the manifests do
 * not define, and for each that needs a server. All objects must have a namespace. Pure.
 */
export function localIssuers(objects: readonly KubeObject[]): LocalIssuers {
  const wanted = new Map<string, { kind: string; name: string; namespace: string | undefined }>()
  const want = (kind: unknown, name: unknown, namespace = 'default') => {
    if (typeof name !== 'string' || (kind !== 'Issuer' && kind !== 'ClusterIssuer')) return
    const home = kind === 'Issuer' ? namespace : undefined
    wanted.set(`${kind} ${home}/${name}`, { kind, name, namespace: home })
  }
  for (const { metadata, spec, ...object } of objects) {
    for (const [key, kind] of Object.entries(annotations)) want(kind, metadata.annotations?.[key], metadata.namespace)
    const { issuerRef } = recordOf(spec)
    if (object.kind === 'Certificate' && isRecord(issuerRef))
      want(issuerRef.kind ?? 'Issuer', issuerRef.name, metadata.namespace)
  }
  for (const object of objects)
    if (isRemoteIssuer(object)) want(object.kind, object.metadata.name, object.metadata.namespace)
  for (const object of objects) {
    const { kind, metadata } = object
    const isLocal = /^cert-manager\.io\/(Cluster)?Issuer$/.test(groupKindOf(object)) && !isRemoteIssuer(object)
    if (isLocal) wanted.delete(`${kind} ${kind === 'Issuer' ? metadata.namespace : undefined}/${metadata.name}`)
  }
  const namespaces = new Set([...wanted.values()].map(({ namespace }) => namespace ?? clusterNamespace))
  const issuers = [...wanted.values()].map(({ kind, name, namespace }): KubeObject => {
    const metadata = { name, ...(namespace === undefined ? {} : { namespace }) }
    return { apiVersion: 'cert-manager.io/v1', kind, metadata, spec: { ca: { secretName: issuerSecret } } }
  })
  return { issuers, namespaces: [...namespaces] }
}
