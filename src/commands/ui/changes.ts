import type { ProjectRecord } from '../../state/projects.ts'
import type { Entry, StackReport } from '../status/report.ts'
import type { Recorded, UiChange, UiState } from './api.ts'

/** What of a record the page shows. Pure. */
export function recordedOf(record: ProjectRecord): Recorded {
  return {
    services: record.services.map(({ name, workload, url, dependsOn }) => ({
      name,
      workload: workload ?? null,
      url: url ?? null,
      dependsOn: dependsOn ?? [],
    })),
    externals: record.externals,
    presets: record.presets.map(({ name, version, urls }) => ({ name, version, urls })),
    jobs: (record.jobs ?? []).map(({ name, service, local }) => ({
      name,
      service: service ?? null,
      local: local === true,
    })),
  }
}

/** What has changed between two states, for the list of changes. Pure. */
export function changesBetween(before: UiState, after: UiState, time: string): UiChange[] {
  const { cluster } = after
  const ofCluster: UiChange[] =
    before.cluster.state === cluster.state
      ? []
      : [
          {
            time,
            kind: 'cluster',
            name: cluster.name,
            from: before.cluster.state,
            to: cluster.state,
            reason: cluster.reason,
          },
        ]
  if (after.report === before.report || after.report === null) return ofCluster
  const { report } = after
  return [
    ...ofCluster,
    ...kinds.flatMap(([kind, list]) => entryChanges(kind, { before: before.report, report, list }, time)),
  ]
}

const kinds = [
  ['service', 'services'],
  ['external', 'externals'],
  ['preset', 'presets'],
] as const

function entryChanges(
  kind: UiChange['kind'],
  reports: { readonly before: StackReport | null; report: StackReport; list: 'services' | 'externals' | 'presets' },
  time: string,
): UiChange[] {
  const { before, report, list } = reports
  const known = new Map((before?.[list] as readonly Entry[] | undefined)?.map((entry) => [entry.name, entry]))
  const change = ({ name, state: to, reason }: Entry): UiChange[] => {
    const from = known.get(name)?.state ?? null
    return from === to ? [] : [{ time, kind, name, from, to, reason }]
  }
  return (report[list] as readonly Entry[]).flatMap(change)
}
