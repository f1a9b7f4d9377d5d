import { groupKindOf, type KubeObject } from '../../kube/api.ts'
import { isRecord } from '../../manifests/rendered.ts'
import type { KeyPair } from './key-pair.ts'

/** Name of the ConfigMap that gives pods the authority's certificate, as `ca.crt`. */
const authorityName = 'devk-ca'
/** Name of the Secret, and of the Ingress, for hosts that no object of the project names a Secret for. */
export const hostsName = 'devk-hosts'

const https = {
  name: 'https',
  protocol: 'HTTPS',
  port: 443,
  tls: { mode: 'Terminate', certificateRefs: [{ name: hostsName }] },
  allowedRoutes: { namespaces: { from: 'All' } },
}

/** A TLS Secret, with the authority's certificate beside it as cert-manager writes it. Pure. */
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

/** The certificate and key of a TLS Secret; undefined when it holds none. Pure. */
export function pairOf(secret: KubeObject | undefined): KeyPair | undefined {
  const data = isRecord(secret?.data) ? secret.data : {}
  const text = (key: string) => Buffer.from(String(data[key] ?? ''), 'base64').toString()
  const pair = { certificate: text('tls.crt'), key: text('tls.key') }
  return pair.certificate === '' || pair.key === '' ? undefined : pair
}

/** Admission webhooks that the API server knows by the authority; other objects as they are. Pure. */
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
 * A Gateway that answers over HTTPS too, with the certificate of the hosts, for routes of every namespace; one that has its own listener
 * for that, and other objects, as they are. The Secret is beside it. Pure.
 */
export function withHttps(object: KubeObject): KubeObject {
  const { spec } = object
  if (groupKindOf(object) !== 'gateway.networking.k8s.io/Gateway' || !isRecord(spec)) return object
  const listeners = Array.isArray(spec.listeners) ? spec.listeners : []
  if (listeners.filter(isRecord).some(({ name, port }) => name === https.name || port === https.port)) return object
  return { ...object, spec: { ...spec, listeners: [...listeners, https] } }
}

/** For pods that call the project's hosts: `NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE` and their like point at it. Pure. */
export function authorityMap(namespace: string, authority: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: authorityName, namespace },
    data: { 'ca.crt': authority },
  }
}

/**
 * An Ingress that routes nothing and only names a Secret: Traefik's ingress-nginx provider (3.7) has no option for a default certificate,
 * but serves every certificate that an Ingress names to whoever asks for one of its hosts. Pure.
 */
export function hostIngress(namespace: string, hosts: readonly string[]): KubeObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: hostsName, namespace },
    spec: {
      ingressClassName: 'nginx',
      tls: [{ hosts, secretName: hostsName }],
      // A rule without paths leads nowhere, and an Ingress needs one.
      rules: [{ host: 'certificates.devk.localhost' }],
    },
  }
}
