import type { LoadedConfig } from '../../config/schema.ts'
import type { Kube, KubeObject } from '../../kube/api.ts'
import type { RenderedObject } from '../../manifests/rendered.ts'
import { projectNamespace } from '../../manifests/transform.ts'
import { type CertificateSlot, certificateSlots, uncoveredHosts } from '../../presets/tls/hosts.ts'
import { asksIssuer, isCertManagers } from '../../presets/tls/issuers.ts'
import { relocated } from '../../stack/desired/relocated.ts'

/** The certificates that a project needs. */
export interface WantedHosts {
  /** The Secrets that devk fills. */
  readonly slots: readonly CertificateSlot[]
  /** All hosts that need a certificate of devk, also through issuers of cert-manager that devk replaces. */
  readonly hosts: readonly string[]
  /** The objects with their final namespaces. */
  readonly placed: readonly KubeObject[]
  /** The namespace of the project. */
  readonly home: string
  /** Whether cert-manager looks after its objects. */
  readonly managed: boolean
  /** Whether devk replaces the issuers of cert-manager. An existing cluster gets no authority of devk. */
  readonly replaces: boolean
}

/** Finds the certificates that the manifests and the URLs of the configuration need. Throws KUBE_API. */
export async function wantedHosts(
  config: LoadedConfig,
  rendered: readonly RenderedObject[],
  { kube, certManager }: { readonly kube: Kube | undefined; readonly certManager: boolean },
  signal: AbortSignal,
): Promise<WantedHosts> {
  const managed = certManager || (await hasCertManager(rendered, kube, signal))
  const replaces = certManager && config.cluster.provider !== 'existing'
  const { objects: placed, home } = inNamespaces(config, rendered)
  const all = certificateSlots(placed)
  const unmanaged = placed.filter((object) => !isCertManagers(object) && !asksIssuer(object))
  const slots = (managed ? certificateSlots(unmanaged) : all).filter(
    ({ secret }) => config.secrets[secret] === undefined,
  )
  const urls = Object.values(config.services).flatMap(({ url }) => url ?? [])
  const hosts = [...(replaces ? all : slots).flatMap((slot) => slot.hosts), ...uncoveredHosts(placed, urls)]
  return { slots, hosts: [...new Set(hosts)].sort(), placed, home, managed, replaces }
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
