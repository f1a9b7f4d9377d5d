import type { DeployFact, HelmFact, OpenPoint } from '../facts.ts'
import { pathIn } from '../paths.ts'
import { chartOf, remoteChart, resourceChart } from './helm.ts'
import type { Site } from './site.ts'
import { argument, type Call, itemsOf, textOf, type Value } from './value.ts'

/** What k8s_yaml and the extensions for Helm deploy. */
export function deployOf(
  calls: readonly Call[],
  at: Site,
): { readonly deploy: DeployFact | undefined; readonly open: readonly OpenPoint[] } {
  const open: OpenPoint[] = []
  const [manifests, kustomize, helm]: [string[], string[], HelmFact[]] = [[], [], []]
  const own = calls.filter(({ name }) => /^(k8s_yaml|helm_remote|helm_resource)$/.test(name))
  for (const call of own) {
    const say = (message: string) => open.push({ place: { file: at.file, line: call.line }, message })
    if (call.name !== 'k8s_yaml') {
      const chart = call.name === 'helm_remote' ? remoteChart(call, at) : resourceChart(call, at)
      if (chart === undefined) say(`${call.name}: the chart is computed. Add it to deploy.helm.`)
      else helm.push(chart)
      continue
    }
    for (const value of itemsOf(argument(call, 'yaml', 0))) {
      const part = partOf(value, at)
      if (part === undefined) say('k8s_yaml: what it deploys is computed. Add it under deploy.')
      else if ('chart' in part) helm.push(part)
      else if (part.isFolder) kustomize.push(part.path)
      else manifests.push(part.path)
    }
  }
  const place = { file: at.file, line: own[0]?.line ?? 1 }
  const isEmpty = manifests.length + kustomize.length + helm.length === 0
  return { deploy: isEmpty ? undefined : { place, manifests, kustomize, helm }, open }
}

function partOf(value: Value, at: Site): { path: string; isFolder: boolean } | HelmFact | undefined {
  const plain = textOf(value)
  if (plain !== undefined) return inside(plain, false, at)
  if (value.kind !== 'call') return undefined
  const { call } = value
  const given = textOf(call.args[0])
  if (call.name === 'helm') return chartOf(call, at)
  if (given === undefined) return undefined
  if (call.name === 'kustomize') return inside(given, true, at)
  if (/^(listdir|read_file|read_yaml(_stream)?)$/.test(call.name)) return inside(given, false, at)
  const [, folder] = /^(?:kustomize build|kubectl kustomize)\s+([\w./-]+)$/.exec(given.trim()) ?? []
  return call.name === 'local' && folder !== undefined ? inside(folder, true, at) : undefined
}

function inside(text: string, isFolder: boolean, at: Site): { path: string; isFolder: boolean } | undefined {
  const path = pathIn(at.folder, text)
  return path === undefined ? undefined : { path, isFolder }
}
