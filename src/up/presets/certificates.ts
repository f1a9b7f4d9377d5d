import type { LoadedConfig } from '../../config/schema.ts'
import type { CliContext } from '../../context.ts'
import { type Kube, type KubeObject, nameOf } from '../../kube/api.ts'
import { labels } from '../../lib/keys.ts'
import type { RenderedObject } from '../../manifests/rendered.ts'
import type { Preset } from '../../presets/folder.ts'
import { type CertificateSlot, certificateSlots } from '../../presets/tls/hosts.ts'
import { type Issuer, issuerOf } from '../../presets/tls/issuer.ts'
import { isCertManagers, isRemoteIssuer, issuerSecret, localIssuers } from '../../presets/tls/issuers.ts'
import { foreignNote, replacedNote } from '../../presets/tls/notes.ts'
import { authorityMap, pairOf, tlsSecret } from '../../presets/tls/objects.ts'
import { readAgreedHosts } from '../../state/agreed-hosts.ts'
import { wantedHosts } from './wanted-hosts.ts'

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
export function projectCertifier(
  { paths, clock }: Pick<CliContext, 'paths' | 'clock'>,
  chosen: readonly Preset[],
  keep: boolean,
): Certifier | undefined {
  if (!chosen.some(({ generate }) => generate.includes('host-certificates'))) return undefined
  const agreed = () => readAgreedHosts(paths.agreedHosts)
  const issuer = issuerOf({ folder: paths.authority, hostsFolder: paths.hostsAuthority, agreed, clock, keep })
  return { issuer, certManager: chosen.some(({ name }) => name === 'cert-manager') }
}

/**
 * Issues the certificates that Ingresses, Gateways and cert-manager's Certificates name. A Secret that belongs to
 * someone else stays as it is; a Secret of this project stays unchanged while its certificate is valid. Foreign hosts
 * that the user has not agreed to get none, and a note. Without cert-manager in the cluster its objects are left out.
 * With the preset cert-manager, its issuers use an authority below the local one. Throws HOST_UNFIT or KUBE_API.
 */
export async function certified(
  config: LoadedConfig,
  rendered: readonly RenderedObject[],
  { kube, issuer, certManager }: Certifier & { readonly kube: Kube | undefined },
  signal: AbortSignal,
): Promise<Certified> {
  const wanted = await wantedHosts(config, rendered, { kube, certManager }, signal)
  const { slots, home, placed, managed, replaces, hosts: asked } = wanted
  const { permitted, foreign } = await issuer.sorted(asked)
  const authority = await issuer.authorities(permitted)
  const issued = await Promise.all(
    slots.map(async (slot) => {
      const hosts = slot.hosts.filter((host) => permitted.includes(host))
      const existing = hosts.length === 0 ? undefined : await secretOf(slot, kube, signal)
      const isForeign = existing !== undefined && existing.metadata.labels?.[labels.project] !== config.name
      if (hosts.length === 0 || isForeign) return []
      const { pair, authority: root } = await issuer.certificate(hosts, pairOf(existing))
      return [tlsSecret(slot.namespace, slot.secret, pair, root)]
    }),
  )
  const namespaces = new Set([home, ...slots.map(({ namespace }) => namespace)])
  const issuers = replaces ? await clusterIssuers(placed, permitted, { kube, issuer }, signal) : []
  const left = rendered.filter(({ object }) => (replaces ? isRemoteIssuer(object) : !managed && isCertManagers(object)))
  return {
    rendered: rendered.filter((entry) => !left.includes(entry)),
    certificates: [
      ...issued.flat(),
      ...[...namespaces].map((namespace) => authorityMap(namespace, authority)),
      ...issuers,
    ],
    notes: [
      ...issuer.replaced().map(replacedNote),
      ...foreign.map(foreignNote),
      ...left.map(({ object }) => noteOf(object, foreign)),
    ],
  }
}

/** The issuers that replace those of the project, with the authority that this cluster has or gets. */
async function clusterIssuers(
  placed: readonly KubeObject[],
  hosts: readonly string[],
  { kube, issuer }: { readonly kube: Kube | undefined; readonly issuer: Issuer },
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const { issuers, namespaces } = localIssuers(placed)
  const slots = namespaces.map((namespace) => ({ namespace, secret: issuerSecret }))
  const existing = await Promise.all(slots.map((slot) => secretOf(slot, kube, signal)))
  const current = existing.map(pairOf).find((pair) => pair !== undefined)
  if (issuers.length === 0) return []
  const { pair, authority } = await issuer.intermediate(hosts, current)
  return [...namespaces.map((namespace) => tlsSecret(namespace, issuerSecret, pair, authority)), ...issuers]
}

async function secretOf(
  { namespace, secret }: Pick<CertificateSlot, 'namespace' | 'secret'>,
  kube: Kube | undefined,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  return kube?.get({ apiVersion: 'v1', kind: 'Secret', name: secret, namespace }, signal)
}

function noteOf(object: KubeObject, foreign: readonly string[]): string {
  if (object.kind !== 'Certificate') return `${nameOf(object)} is left out: devk's local authority replaces it`
  const isIssued = certificateSlots([object]).some(({ hosts }) => hosts.some((host) => !foreign.includes(host)))
  return isIssued
    ? `${nameOf(object)}: issued by devk's local authority, because the cluster has no cert-manager`
    : `${nameOf(object)} is left out: the cluster has no cert-manager`
}
