import { groupKindOf, type KubeObject } from '../../kube/api.ts'
import { isRecord } from '../../lib/record.ts'
import type { KeyPair } from './key-pair.ts'

/** Name of the ConfigMap with the certificate of the authority, for pods. */
const authorityName = 'devk-ca'
/** Name of the Secret and the Ingress for the hosts for which no object of the project refers to a Secret. */
export const hostsName = 'devk-hosts'

/** Name of the Secret with the certificate for a Service of a preset. Pure. */
export const serviceSecret = (preset: string) => `${preset}-tls`

const https = {
  name: 'https',
  protocol: 'HTTPS',
  port: 443,
  tls: { mode: 'Terminate', certificateRefs: [{ name: hostsName }] },
  allowedRoutes: { namespaces: { from: 'All' } },
}

/** A TLS Secret that also contains the certificate of the authority (PEM) as `ca.crt`, as cert-manager's do. Pure. */
export function tlsSecret(namespace: string, name: string, pair: KeyPair, authority: string): KubeObject {
  const data = { 'ca.crt': authority, 'tls.crt': pair.certificate, 'tls.key': pair.key }
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    type: 'kubernetes.io/tls',
    data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')])),
  }
}

/** The certificate and key in a TLS Secret; undefined if one of them is missing. Pure. */
export function pairOf(secret: KubeObject | undefined): KeyPair | undefined {
  const [certificate, key] = [textOf(secret, 'tls.crt'), textOf(secret, 'tls.key')]
  return certificate === '' || key === '' ? undefined : { certificate, key }
}

/** The certificate of the authority in a TLS Secret; undefined if it is missing. Pure. */
export function authorityOf(secret: KubeObject | undefined): string | undefined {
  return textOf(secret, 'ca.crt') || undefined
}

function textOf(secret: KubeObject | undefined, key: string): string {
  const data = isRecord(secret?.data) ? secret.data : {}
  return Buffer.from(String(data[key] ?? ''), 'base64').toString()
}

/**
 * Adds the certificate of the authority to admission webhooks, for the API server. Other objects do not change. Pure.
 */
export function withAuthority(object: KubeObject, authority: string): KubeObject {
  if (!/^(Validating|Mutating)WebhookConfiguration$/.test(object.kind) || !Array.isArray(object.webhooks)) return object
  const caBundle = Buffer.from(authority).toString('base64')
  const webhooks = object.webhooks.filter(isRecord).map((webhook) => ({
    ...webhook,
    clientConfig: { ...(isRecord(webhook.clientConfig) ? webhook.clientConfig : {}), caBundle },
  }))
  return { ...object, webhooks }
}

/**
 * Adds an HTTPS listener to a Gateway, for routes of every namespace, with the certificate in the Secret `hostsName` of
 * the same namespace. Gateways that have such a listener and other objects do not change. Pure.
 */
export function withHttps(object: KubeObject): KubeObject {
  const { spec } = object
  if (groupKindOf(object) !== 'gateway.networking.k8s.io/Gateway' || !isRecord(spec)) return object
  const listeners = Array.isArray(spec.listeners) ? spec.listeners : []
  if (listeners.filter(isRecord).some(({ name, port }) => name === https.name || port === https.port)) return object
  return { ...object, spec: { ...spec, listeners: [...listeners, https] } }
}

/**
 * A ConfigMap with the certificate of the authority, for pods that call hosts of the project. They mount it, and set
 * variables such as `NODE_EXTRA_CA_CERTS` or `SSL_CERT_FILE` to its file `ca.crt`. Pure.
 */
export function authorityMap(namespace: string, authority: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: authorityName, namespace },
    data: { 'ca.crt': authority },
  }
}

/**
 * An Ingress without routes that only refers to the Secret of the hosts. Traefik's ingress-nginx provider (3.7) has no
 * option for a default certificate, but serves the certificates of all Ingresses to every client that asks for one of
 * their hosts. Pure.
 */
export function hostIngress(namespace: string, hosts: readonly string[]): KubeObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: hostsName, namespace },
    spec: {
      ingressClassName: 'nginx',
      tls: [{ hosts, secretName: hostsName }],
      // An Ingress needs a rule. A rule without paths routes no requests.
      rules: [{ host: 'certificates.devk.localhost' }],
    },
  }
}
