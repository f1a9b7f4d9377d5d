import type { HostPort } from '../../cluster/provider.ts'
import type { LoadedConfig } from '../../config/schema.ts'
import type { CliContext } from '../../context.ts'
import { type Kube, type KubeObject, nameOf } from '../../kube/api.ts'
import { labels } from '../../lib/keys.ts'
import type { RenderedObject } from '../../manifests/rendered.ts'
import { projectNamespace } from '../../manifests/transform.ts'
import type { Preset } from '../../presets/folder.ts'
import { authorityFiles } from '../../presets/tls/authority.ts'
import { type CertificateSlot, certificateSlots, servedHosts } from '../../presets/tls/hosts.ts'
import { type Issuer, issuerOf } from '../../presets/tls/issuer.ts'
import { asksIssuer, isCertManagers, isRemoteIssuer, localIssuers } from '../../presets/tls/issuers.ts'
import { authorityMap, pairOf, tlsSecret } from '../../presets/tls/objects.ts'
import { curlLine } from '../../presets/tls/trust.ts'
import { relocated } from '../../stack/desired/relocated.ts'

/** The manifests as they can be applied, and the certificates that they need. */
export interface Certified {
  readonly rendered: readonly RenderedObject[]
  /** TLS Secrets, and the authority's certificate in each namespace that uses it. */
  readonly certificates: readonly KubeObject[]
  /** Where devk deviated from the manifests, in sentences. */
  readonly notes: readonly string[]
}

/** What issues the certificates of a project. */
export interface Certifier {
  readonly issuer: Issuer
  /** Whether the project uses the preset cert-manager. */
  readonly certManager: boolean
}

/**
 * What issues certificates for a project; undefined unless a preset asks for them. With `keep` false nothing is stored,
 * as `plan` needs it.
 */
export function projectCertifier(ctx: CliContext, chosen: readonly Preset[], keep: boolean): Certifier | undefined {
  if (!chosen.some(({ generate }) => generate.includes('host-certificates'))) return undefined
  const issuer = issuerOf({ folder: ctx.paths.authority, clock: ctx.clock, keep })
  return { issuer, certManager: chosen.some(({ name }) => name === 'cert-manager') }
}

/**
 * Issues the certificates that Ingresses, Gateways and cert-manager's Certificates name. A Secret that belongs to
 * someone else stays as it is; a Secret of this project stays unchanged while its certificate is valid. Without
 * cert-manager in the cluster its objects are left out. With the preset cert-manager, its issuers use the local
 * authority. Throws HOST_UNFIT or KUBE_API.
 */
export async function certified(
  config: LoadedConfig,
  rendered: readonly RenderedObject[],
  { kube, issuer, certManager }: Certifier & { readonly kube: Kube | undefined },
  signal: AbortSignal,
): Promise<Certified> {
  const managed = certManager || (await hasCertManager(rendered, kube, signal))
  const { objects: placed, home } = inNamespaces(config, rendered)
  const slots = certificateSlots(
    managed ? placed.filter((object) => !isCertManagers(object) && !asksIssuer(object)) : placed,
  )
  const own = slots.filter(({ secret }) => config.secrets[secret] === undefined)
  const authority = await issuer.authority()
  const issued = await Promise.all(
    own.map(async (slot) => {
      const existing = await secretOf(slot, kube, signal)
      if (existing !== undefined && existing.metadata.labels?.[labels.project] !== config.name) return []
      const pair = await issuer.certificate(slot.hosts, pairOf(existing))
      return [tlsSecret(slot.namespace, slot.secret, pair, authority)]
    }),
  )
  const namespaces = new Set([home, ...own.map(({ namespace }) => namespace)])
  // The authority's private key must not leave this machine.
  const replaces = certManager && config.cluster.provider !== 'existing'
  const issuers = replaces ? localIssuers(placed, await issuer.authorityPair()) : []
  const left = rendered.filter(({ object }) => (replaces ? isRemoteIssuer(object) : !managed && isCertManagers(object)))
  return {
    rendered: rendered.filter((entry) => !left.includes(entry)),
    certificates: [
      ...issued.flat(),
      ...[...namespaces].map((namespace) => authorityMap(namespace, authority)),
      ...issuers,
    ],
    notes: left.map(({ object }) => noteOf(object)),
  }
}

/** A command line that requests one of the hosts with the authority's certificate; empty when there are no hosts. */
export function trustHints(ctx: CliContext, objects: readonly KubeObject[], ports: readonly HostPort[]): string[] {
  const hosts = servedHosts(objects, []).filter((host) => !host.startsWith('*'))
  const host = hosts.find((each) => each.endsWith('.localhost')) ?? hosts[0]
  const https = ports.find(({ node }) => node === 443)?.host
  if (host === undefined || https === undefined) return []
  return [`${curlLine(authorityFiles(ctx.paths.authority).certificate, host, https)}   (for browsers: devk trust)`]
}

/**
 * The objects with their final namespaces, so that references between them resolve, and the project's own namespace.
 */
function inNamespaces(
  config: LoadedConfig,
  rendered: readonly RenderedObject[],
): { readonly objects: readonly KubeObject[]; readonly home: string } {
  const input = { config, rendered, images: {}, secrets: { secrets: {}, externals: {} }, hashKey: '' }
  const moved = relocated(input)
  const all = moved.rendered.map(({ object }) => object)
  const home = projectNamespace(moved.config, all)
  const objects = moved.rendered.map(({ object, namespace }) => ({
    ...object,
    metadata: { ...object.metadata, namespace: object.metadata.namespace ?? namespace ?? home },
  }))
  return { objects, home }
}

/** Whether the cluster has cert-manager, or the project's manifests install it. */
async function hasCertManager(
  rendered: readonly RenderedObject[],
  kube: Kube | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const installed = rendered.some(
    ({ object }) =>
      object.kind === 'CustomResourceDefinition' && object.metadata.name === 'certificates.cert-manager.io',
  )
  if (installed || kube === undefined) return installed
  return (await kube.namespaced({ apiVersion: 'cert-manager.io/v1', kind: 'Certificate' }, signal)) !== undefined
}

function noteOf(object: KubeObject): string {
  return object.kind === 'Certificate'
    ? `${nameOf(object)}: issued by devk's local authority, because the cluster has no cert-manager`
    : `${nameOf(object)} is left out: devk's local authority replaces it`
}

async function secretOf(
  { namespace, secret }: CertificateSlot,
  kube: Kube | undefined,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  return kube?.get({ apiVersion: 'v1', kind: 'Secret', name: secret, namespace }, signal)
}
