import { basename, dirname } from 'node:path/posix'
import type { FoundChart } from '../../scan/found.ts'
import { isDaily, rankOf } from './overlays.ts'
import type { ChartRelease } from './unit.ts'

/**
 * The releases of charts: each with the name of its chart (of its folder, if several have the same), and with its file
 * of values for daily work. `given` replaces these files. Pure.
 */
export function releasesOf(charts: readonly FoundChart[], given: readonly string[]): ChartRelease[] {
  const taken = new Set<string>()
  return charts.map((chart) => {
    const same = charts.filter(({ name }) => name === chart.name)
    const wanted = same.length > 1 ? folderName(chart.folder) : chart.name
    let name = plain(wanted)
    for (let i = 2; taken.has(name); i++) name = `${plain(wanted)}-${i}`
    taken.add(name)
    const [daily] = [...chart.values].filter(isDaily).sort((a, b) => rankOf(a) - rankOf(b))
    const values = given.length > 0 ? given : daily === undefined ? [] : [daily]
    return { chart, release: { name, values, set: {} } }
  })
}

/** The nearest folder whose name says what the chart deploys: `rent` for rent/chart. */
function folderName(folder: string): string {
  const name = basename(folder)
  const above = dirname(folder)
  return /^(charts?|helm|deploy|k8s|kubernetes|\.)$/.test(name) && above !== '.' ? folderName(above) : name
}

function plain(text: string): string {
  const name = text.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  return name.slice(0, 40).replace(/^-+|-+$/g, '') || 'app'
}
