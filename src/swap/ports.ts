import { DevkError } from '../errors.ts'
import { type KubeObject, nameOf } from '../kube/api.ts'
import { type ServicePort, targetPortOf, tcpPorts } from '../manifests/service.ts'
import type { PodTemplate } from '../manifests/workload.ts'

/** A port of a Service, and the port of this machine that it leads to during a swap. */
export interface SwapPort {
  /** As in the Service; '' if it has none. */
  readonly name: string
  /** The port of the Service. */
  readonly port: number
  /** The port of its pods. */
  readonly target: number
  /** The port of this machine. */
  readonly local: number
}

interface ServiceSpec {
  readonly type?: string
  readonly clusterIP?: string
  readonly ipFamilies?: readonly string[]
  readonly selector?: object
}

/** Why a Service cannot be led to this machine: the end of a sentence. undefined if it can. Pure. */
export function whyNotSwapped(service: KubeObject): string | undefined {
  const { type, clusterIP, ipFamilies, selector } = (service.spec ?? {}) as ServiceSpec
  if (type === 'ExternalName' || selector === undefined) return 'leads to no pods'
  if (clusterIP === 'None') return 'is headless: clients connect to the addresses of its pods, without the Service'
  if (ipFamilies !== undefined && !ipFamilies.includes('IPv4')) return 'has IPv6 addresses only'
  if (tcpPorts(service).length === 0) return 'has no TCP port'
  return undefined
}

/**
 * The TCP ports of a Service with the ports of this machine that `wanted` says, in the form of `--port`: `8080` for the
 * first port, `http=8080` or `80=8080` for others. The rest lead to the same port here as in the pods. Pure. Throws
 * USAGE for a port that the Service does not have, and for one that is given twice.
 */
export function swapPorts(
  service: KubeObject,
  template: PodTemplate | undefined,
  wanted: readonly string[],
): SwapPort[] {
  const ports = tcpPorts(service)
  const chosen = new Map<ServicePort, number>()
  for (const text of wanted) {
    const [, key, digits = ''] = /^(?:([a-z0-9-]+)=)?(\d{1,5})$/.exec(text) ?? []
    const local = Number(digits)
    if (digits === '' || local < 1 || local > 65_535) {
      throw new DevkError('USAGE', `"${text}" is no port`, {
        hint: 'Write --port 8080, or --port http=8080 for a Service with several ports.',
      })
    }
    const port = key === undefined ? ports[0] : ports.find((each) => each.name === key || String(each.port) === key)
    if (port === undefined) {
      const names = ports.map((each) => each.name ?? String(each.port))
      throw new DevkError('USAGE', `${nameOf(service)} has no port ${key}`, {
        hint: `Its ports: ${names.join(', ')}.`,
      })
    }
    if (chosen.has(port)) throw new DevkError('USAGE', `--port names port ${port.name ?? port.port} twice`)
    chosen.set(port, local)
  }
  return ports.map((each) => {
    const target = targetPortOf(each, template) ?? each.port
    return { name: each.name ?? '', port: each.port, target, local: chosen.get(each) ?? target }
  })
}
