import type { HostPort } from './provider.ts'

/** A port of the node that should be reachable at one of these ports of 127.0.0.1, best first. */
export interface WantedPort {
  readonly node: number
  readonly host: readonly number[]
}

export interface PortFacts {
  /** The mappings that the configuration asks for. */
  readonly configured: readonly HostPort[]
  /** Those of the cluster that is there already; undefined when it is still to be made. */
  readonly made: readonly HostPort[] | undefined
  readonly isTaken: (port: number) => Promise<boolean>
}

/** How far to look behind the last wanted port when all of them are taken. */
const further = 50

/**
 * The mappings that presets add to a cluster: those it has when it is there, else the first free port for each node port that the
 * configuration does not map itself. A cluster's mappings are fixed when it is made, so one it lacks stays out.
 */
export async function presetPorts(wanted: readonly WantedPort[], facts: PortFacts): Promise<HostPort[]> {
  const { configured, made, isTaken } = facts
  const open = wanted.filter(({ node }) => !configured.some((mapping) => mapping.node === node))
  if (made !== undefined) return made.filter(({ preset }) => preset === true)
  const used = new Set(configured.map(({ host }) => host))
  const chosen: HostPort[] = []
  for (const { node, host } of open) {
    const last = host.at(-1) ?? node
    const candidates = [...host, ...Array.from({ length: further }, (_, i) => last + 1 + i)]
    for (const port of candidates) {
      if (used.has(port) || (await isTaken(port))) continue
      used.add(port)
      chosen.push({ host: port, node, preset: true })
      break
    }
  }
  return chosen
}
