import type { SessionEvent } from './events.ts'

/** How long the saves of a service took (ms). */
export interface SaveTimes {
  /** undefined: the whole stack was applied. */
  readonly service: string | undefined
  readonly kind: 'sync' | 'rebuild' | 'redeploy'
  readonly count: number
  readonly p50: number
  readonly p95: number
}

/** Collects how long saves took. */
export interface SaveStats {
  event(event: SessionEvent): void
  /** By service and kind, in this order. */
  times(): readonly SaveTimes[]
}

const kinds = { synced: 'sync', ran: 'sync', ready: 'rebuild', redeployed: 'redeploy' } as const

/** Creates an empty collection. */
export function saveStats(): SaveStats {
  /** The times by service and kind, and there by save. Commands that follow a sync make its time longer. */
  const groups = new Map<
    string,
    { readonly service: string | undefined; readonly kind: Kind; readonly ms: Map<number, number> }
  >()
  return {
    event(event) {
      if (!('save' in event) || !(event.type in kinds) || event.save === undefined) return
      const kind = kinds[event.type as keyof typeof kinds]
      const service = 'service' in event ? event.service : undefined
      const key = `${service ?? ''}\n${kind}`
      const group = groups.get(key) ?? { service, kind, ms: new Map() }
      groups.set(key, group)
      const { id, ms } = event.save
      group.ms.set(id, Math.max(ms, group.ms.get(id) ?? 0))
    },
    times: () =>
      [...groups]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, { service, kind, ms }]) => {
          const sorted = [...ms.values()].sort((a, b) => a - b)
          return { service, kind, count: sorted.length, p50: nearestRank(sorted, 50), p95: nearestRank(sorted, 95) }
        }),
  }
}

type Kind = SaveTimes['kind']

/** The smallest of the sorted values that is not below `percent` of them. */
function nearestRank(sorted: readonly number[], percent: number): number {
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0
}
