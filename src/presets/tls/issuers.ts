import { groupKindOf, type KubeObject } from '../../kube/api.ts'
import { isRecord } from '../../manifests/rendered.ts'
import type { KeyPair } from './key-pair.ts'
import { tlsSecret } from './objects.ts'

/** Name of the Secret that cert-manager reads the local authority from, with its key. */
const secretName = 'devk-authority'
/** Where cert-manager looks for Secrets of ClusterIssuers. */
const clusterNamespace = 'cert-manager'

const annotations = { 'cert-manager.io/cluster-issuer': 'ClusterIssuer', 'cert-manager.io/issuer': 'Issuer' } as const

/** Whether an object is one of cert-manager's own kinds. Pure. */
export function isCertManagers(object: KubeObject): boolean {
  return /^(acme\.)?cert-manager\.io\//.test(groupKindOf(object))
}

/** Whether an object asks cert-manager for its certificates by an annotation. Pure. */
export function asksIssuer({ metadata }: KubeObject): boolean {
  return Object.keys(annotations).some((key) => metadata.annotations?.[key] !== undefined)
}

/** An issuer whose certificates come from outside this machine: from an ACME server, Vault or Venafi. Pure. */
export function isRemoteIssuer(object: KubeObject): boolean {
  if (!/^cert-manager\.io\/(Cluster)?Issuer$/.test(groupKindOf(object))) return false
  return !['ca', 'selfSigned'].some((kind) => isRecord(object.spec) && isRecord(object.spec[kind]))
}

/**
 * Issuers of the names that objects ask for and the manifests do not bring, or that are remote, each led to the local authority; with the
 * Secrets that hold it. Every object names its namespace. Pure.
 */
export function localIssuers(objects: readonly KubeObject[], authority: KeyPair): KubeObject[] {
  const wanted = new Map<string, { kind: string; name: string; namespace: string | undefined }>()
  const want = (kind: unknown, name: unknown, namespace = 'default') => {
    if (typeof name !== 'string' || (kind !== 'Issuer' && kind !== 'ClusterIssuer')) return
    const home = kind === 'Issuer' ? namespace : undefined
    wanted.set(`${kind} ${home}/${name}`, { kind, name, namespace: home })
  }
  for (const { metadata, spec, ...object } of objects) {
    for (const [key, kind] of Object.entries(annotations)) want(kind, metadata.annotations?.[key], metadata.namespace)
    const { issuerRef } = isRecord(spec) ? spec : {}
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
  const homes = new Set([...wanted.values()].map(({ namespace }) => namespace ?? clusterNamespace))
  const secrets = [...homes].map((home) => tlsSecret(home, secretName, authority, authority.certificate))
  const issuers = [...wanted.values()].map(({ kind, name, namespace }): KubeObject => {
    const metadata = { name, ...(namespace === undefined ? {} : { namespace }) }
    return { apiVersion: 'cert-manager.io/v1', kind, metadata, spec: { ca: { secretName } } }
  })
  return [...secrets, ...issuers]
}
