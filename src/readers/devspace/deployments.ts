import type { DeployFact, Facts, HelmFact, OpenPoint } from '../facts.ts'
import type { Located } from '../located.ts'
import { folderOf, pathIn } from '../paths.ts'
import { flatten } from '../values.ts'
import type { Variables } from './variables.ts'

/** The deployments of devspace.yaml: a list up to version 5, a mapping since version 6. */
export function deploymentsOf(list: Located, variables: Variables): Facts {
  const entries: [string, Located][] = [
    ...list.items().map((entry): [string, Located] => [entry.get('name').text() ?? 'release', entry]),
    ...list.entries(),
  ]
  const open: OpenPoint[] = []
  const [manifests, kustomize, helm]: [string[], string[], HelmFact[]] = [[], [], []]
  for (const [name, entry] of entries) {
    const kubectl = entry.get('kubectl')
    for (const item of kubectl.get('manifests').items()) {
      const text = variables.text(item)
      const path = text === undefined ? undefined : pathIn(folderOf(item.place.file), text)
      if (path === undefined) open.push({ place: item.place, message: `${name}: a path that devk does not know.` })
      else if (kubectl.get('kustomize').value === true) kustomize.push(path)
      else manifests.push(path)
    }
    if (kubectl.get('inlineManifest').isThere) {
      open.push({ place: kubectl.place, message: `${name}: write its inline manifest to a file.` })
    }
    if (entry.get('helm').isThere || entry.get('component').isThere) {
      const release = releaseOf(name, entry.get('helm'), variables)
      if (release !== undefined) helm.push(release)
      else open.push({ place: entry.place, message: componentText(name) })
    }
  }
  const isEmpty = manifests.length + kustomize.length + helm.length === 0
  const found: DeployFact = { place: list.place, manifests, kustomize, helm }
  return { services: [], deploys: isEmpty ? [] : [found], open }
}

function componentText(name: string): string {
  return `${name}: the component chart of DevSpace has no counterpart. Write its manifests.`
}

function releaseOf(name: string, helm: Located, variables: Variables): HelmFact | undefined {
  const chart = variables.text(helm.get('chart', 'name')) ?? variables.text(helm.get('chart', 'path'))
  const repo = variables.text(helm.get('chart', 'repo'))
  if (chart === undefined || /^component-chart$/.test(chart)) return undefined
  const folder = folderOf(helm.place.file)
  const own = repo === undefined && !chart.includes('://') ? pathIn(folder, chart) : chart
  if (own === undefined) return undefined
  const files = helm.get('valuesFiles').texts()
  const [version, release] = [variables.text(helm.get('chart', 'version')), variables.text(helm.get('releaseName'))]
  return {
    name: release ?? name,
    chart: own,
    ...(repo === undefined ? {} : { repo }),
    ...(version === undefined ? {} : { version }),
    values: files.flatMap((file) => pathIn(folder, file) ?? []),
    set: flatten(helm.get('values'), (text) => variables.fill(text)),
  }
}
