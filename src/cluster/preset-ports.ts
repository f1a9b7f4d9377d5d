import type { HostPort } from './provider.ts'

/** A port of the node, and the ports of 127.0.0.1 to map it to, in order of preference. */
export interface WantedPort {
  readonly node: number
  readonly host: readonly number[]
}

/** What decides about the port mappings of presets. */
export interface PortFacts {
  /** The mappings of the configuration. */
  readonly configured: readonly HostPort[]
  /** The mappings of the existing cluster; undefined when it does not exist yet. */
  readonly made: readonly HostPort[] | undefined
  readonly isTaken: (port: number) => Promise<boolean>
}

/** How many ports to try after the last preferred one. */
const furtherPorts = 50

/**
 * The port mappings that presets add to a cluster. An existing cluster keeps the mappings it has, since they cannot be
 * changed. For a new one, each node port that the configuration does not map gets the first free port.
 */
export async function presetPorts(wanted: readonly WantedPort[], facts: PortFacts): Promise<HostPort[]> {
  const { configured, made, isTaken } = facts
  const open = wanted.filter(({ node }) => !configured.some((mapping) => mapping.node === node))
  if (made !== undefined) return made.filter(({ preset }) => preset === true)
  const used = new Set(configured.map(({ host }) => host))
  const chosen: HostPort[] = []
  for (const { node, host } of open) {
    const last = host.at(-1) ?? node
    const candidates = [...host, ...Array.from({ length: furtherPorts }, (_, i) => last + 1 + i)]
    for (const port of candidates) {
      if (used.has(port) || (await isTaken(port))) continue
      used.add(port)
      chosen.push({ host: port, node, preset: true })
      break
    }
  }
  return chosen
}
