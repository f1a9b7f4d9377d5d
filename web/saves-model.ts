import type { Save, SessionState } from '../src/commands/ui/api.ts'

/** What the view of the saves shows. Everything here is pure. */

/** How long the saves of a service took. */
export interface SaveTimes {
  readonly service: string
  readonly kind: Save['kind']
  readonly count: number
  readonly p50: number
  readonly p95: number
}

/** The name of what a save was for. */
export function targetOf({ service }: Save): string {
  return service ?? 'whole stack'
}

/** How long the saves that are done took, by service and kind. */
export function timesOf(saves: readonly Save[]): SaveTimes[] {
  const done = saves.flatMap((save) => (save.state === 'done' && save.ms !== null ? [{ ...save, ms: save.ms }] : []))
  const groups = Map.groupBy(done, (save) => `${targetOf(save)}\n${save.kind}`)
  return [...groups.values()]
    .map((same) => {
      const sorted = same.map(({ ms }) => ms).sort((a, b) => a - b)
      const [{ kind }, service] = [same[0] as Save, targetOf(same[0] as Save)]
      return { service, kind, count: sorted.length, p50: percentile(sorted, 50), p95: percentile(sorted, 95) }
    })
    .sort((a, b) => a.service.localeCompare(b.service) || a.kind.localeCompare(b.kind))
}

/** The smallest of the sorted values that is not below `percent` of them (nearest rank). */
export function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0
}

/** A bar of a waterfall, in hundredths of its width. */
export interface Bar {
  readonly name: string
  readonly ms: number
  readonly from: number
  readonly width: number
}

/** The steps of a save, one after another, on a scale that ends at `longest` milliseconds. */
export function barsOf({ steps, ms }: Save, longest: number): Bar[] {
  const known = steps.reduce((sum, step) => sum + step.ms, 0)
  const rest = (ms ?? known) - known
  // What devk did between the steps that it names, if one could see it.
  const all = rest > longest / 200 ? [...steps, { name: steps.length === 0 ? 'took' : 'other', ms: rest }] : steps
  let at = 0
  return all.map((step) => {
    const from = at
    at += step.ms
    const scale = longest === 0 ? 0 : 100 / longest
    return { ...step, from: from * scale, width: step.ms * scale }
  })
}

/** `20 ms`, `1.4 s`, `2 min 5 s`. */
export function spanText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`
}

/** What waits in a pause. */
export function waitingText(waiting: SessionState['waiting']): string {
  if (waiting.length === 0) return 'nothing was saved since then.'
  return `${waiting.map(({ service, files }) => `${service ?? 'whole stack'} ${files}`).join(', ')} saved and waiting.`
}
