import { DevkError } from '../errors.ts'
import { type Kube, type KubeObject, keyOf, nameOf } from '../kube/api.ts'
import { waitUntil } from '../lib/wait.ts'
import type { ApplyDeps } from './apply.ts'
import type { DesiredObject } from './desired/configured.ts'
import { invalid, isAllocated, refusalLine } from './refusal.ts'

/** A Service that the API server refuses because a node port or an IP of it is allocated already. */
export interface AllocatedRefusal {
  readonly wanted: DesiredObject
  readonly error: DevkError
}

/** The API server looks for what no Service has every three minutes, and frees it when it finds it the third time. */
const repairMs = 720_000

/**
 * The refusals that another Service causes, each as a line that names it. Of what no Service has, an interrupted
 * creation is the cause, and the API server frees it by itself.
 */
export async function holderLines(
  refusals: readonly AllocatedRefusal[],
  deps: Pick<ApplyDeps, 'kube' | 'signal'>,
): Promise<string[]> {
  if (refusals.length === 0) return []
  const services = await servicesOf(deps)
  return refusals.flatMap(({ wanted, error }) => {
    const holder = holderOf(wanted.object, services)
    return holder === undefined ? [] : [`${refusalLine(wanted, error)} (${nameOf(holder)} has it)`]
  })
}

/**
 * Waits until `check` is no longer refused, because the API server has freed what no Service has. Throws NOT_READY when
 * it does not, and MANIFEST_INVALID when another Service gets it.
 */
export async function untilFree(
  { wanted }: AllocatedRefusal,
  check: () => Promise<unknown>,
  { kube, signal, onEvent }: Pick<ApplyDeps, 'kube' | 'signal' | 'onEvent'>,
): Promise<void> {
  const { object, unit } = wanted
  const name = nameOf(object)
  let reason = ''
  const look = async () => {
    try {
      await check()
      return undefined
    } catch (error) {
      if (!isAllocated(error)) return undefined
      const lines = await holderLines([{ wanted, error }], { kube, signal })
      if (lines.length > 0) throw invalid(lines, error)
      reason = `the API server keeps ${[...allocationsOf(object)].join(', ')}, which no Service has`
      return reason
    }
  }
  try {
    await waitUntil(look, {
      what: name,
      timeoutMs: repairMs,
      intervalMs: 500,
      signal,
      onReason: (now) => onEvent?.({ type: 'waiting', name, unit, reason: `${now}; it frees it within 10 minutes` }),
    })
  } catch (error) {
    if (!signal.aborted && !(error instanceof DevkError && error.code === 'NOT_READY')) throw error
    throw new DevkError('NOT_READY', `${name} waits: ${reason}`, {
      hint:
        'The creation of a Service was interrupted. The API server frees its ports within about 10 minutes: run the ' +
        'command again then, or choose others.',
      cause: error,
    })
  }
}

const servicesOf = ({ kube, signal }: { readonly kube: Kube; readonly signal: AbortSignal }) =>
  kube.list({ apiVersion: 'v1', kind: 'Service' }, { signal })

/** The Service, other than `wanted` itself, that has what `wanted` asks for. Pure. */
function holderOf(wanted: KubeObject, services: readonly KubeObject[]): KubeObject | undefined {
  const asked = allocationsOf(wanted)
  const holds = (service: KubeObject) => [...allocationsOf(service)].some((each) => asked.has(each))
  return services.find((service) => keyOf(service) !== keyOf(wanted) && holds(service))
}

interface Fields {
  readonly clusterIP?: string
  readonly clusterIPs?: readonly string[] | null
  readonly healthCheckNodePort?: number
  readonly ports?: readonly { readonly nodePort?: number }[] | null
}

/** What the API server allocates to a Service. A node port is allocated for all protocols at once. */
function allocationsOf({ spec }: KubeObject): Set<string> {
  const { clusterIP = '', clusterIPs, healthCheckNodePort = 0, ports } = (spec ?? {}) as Fields
  const ips = [clusterIP, ...(clusterIPs ?? [])].filter((ip) => ip !== '' && ip !== 'None')
  const nodePorts = [healthCheckNodePort, ...(ports ?? []).map(({ nodePort = 0 }) => nodePort)]
  return new Set([
    ...ips.map((ip) => `cluster IP ${ip}`),
    ...nodePorts.filter((port) => port > 0).map((port) => `node port ${port}`),
  ])
}
