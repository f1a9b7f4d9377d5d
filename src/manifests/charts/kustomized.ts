import { join, resolve } from 'node:path'
import { isFolder } from '../../lib/paths.ts'
import { isRecord } from '../../lib/record.ts'
import { type Kustomization, kustomizationsBelow } from '../kustomize/tree.ts'

/** A chart that a kustomization inflates. */
export interface InflatedChart {
  readonly name: string
  /** Folder with the charts of its kustomization. */
  readonly home: string
  /** Whether it lies there. If not, kustomize fetches it into this folder while it renders. */
  readonly isThere: boolean
}

/** The charts that a kustomization and its bases and components inflate. */
export async function inflatedCharts(folder: string): Promise<InflatedChart[]> {
  const all = await kustomizationsBelow(folder, ['resources', 'bases', 'components'])
  return (await Promise.all(all.map(chartsOf))).flat()
}

async function chartsOf({ folder, content }: Kustomization): Promise<InflatedChart[]> {
  const globals = isRecord(content.helmGlobals) ? content.helmGlobals : {}
  const home = resolve(folder, typeof globals.chartHome === 'string' ? globals.chartHome : 'charts')
  const charts = [content.helmCharts ?? [], content.helmChartInflationGenerator ?? []].flat().filter(isRecord)
  return Promise.all(
    charts.map(async ({ name, chartName, version, repo, chartRepoUrl }) => {
      const own = String(name ?? chartName)
      // Newer versions of kustomize keep the versions of a chart apart.
      const places = [join(home, own), join(home, `${own}-${version}`, own)]
      const fetches = repo !== undefined || chartRepoUrl !== undefined
      return { name: own, home, isThere: !fetches || (await Promise.all(places.map(isFolder))).includes(true) }
    }),
  )
}
