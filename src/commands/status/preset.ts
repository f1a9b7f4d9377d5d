import type { PresetRecord } from '../../state/projects.ts'
import { type WorkloadEntry, type WorkloadFacts, workloadEntry } from './report.ts'

/** A preset in `status --json`. */
export interface PresetEntry extends WorkloadEntry {
  readonly version: string
  /** How to get what is unavailable; null when nothing is. */
  readonly get: string | null
}

/** State of a preset: what its workloads say, or, where there are none, what the last `up` found. */
export function presetEntry(record: PresetRecord, facts: Omit<WorkloadFacts, 'url'>): PresetEntry {
  const { version, get } = record
  const url = record.urls.find(({ whileRunning }) => !whileRunning)?.url ?? record.urls[0]?.url
  const entry = workloadEntry({ ...facts, url })
  if (facts.workloads.length > 0) return { ...entry, version, get: entry.state === 'ready' ? null : get }
  return { ...entry, version, state: record.state, reason: record.reason, get }
}
