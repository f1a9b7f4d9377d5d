import { basename } from 'node:path'
import type { ConfigInput } from '../../config/schema.ts'
import type { Found } from './scan.ts'

type Deploy = NonNullable<ConfigInput['deploy']>

/** Names of overlays for daily work, the most likely first. */
const daily = [/^(dev|development)$/, /^local(host)?$/, /^(staging|stage)$/, /^(test|testing|qa)$/]
const production = /^(prod|production|live)$/

/**
 * The `deploy` section for a repository, and notes about what it leaves out; undefined if there are no manifests.
 * Prefers kustomizations to charts, and charts to plain manifests. Pure.
 */
export function chooseDeploy({
  kustomizations,
  charts,
  manifests,
}: Pick<Found, 'kustomizations' | 'charts' | 'manifests'>):
  | { readonly deploy: Deploy; readonly notes: string[] }
  | undefined {
  const [kustomize] = [...kustomizations].sort(
    (a, b) => rank(a.folder) - rank(b.folder) || Number(b.isTop) - Number(a.isTop),
  )
  const left = (folders: readonly string[], why: string) => folders.map((folder) => `${folder} ${why}`)
  if (kustomize !== undefined) {
    const others = kustomizations.filter(({ isTop, folder }) => isTop && folder !== kustomize.folder)
    const named = others.map(({ folder }) => folder)
    const notes = [
      ...(named.length > 0 ? [`Other overlays, for devk up --overlay NAME: ${named.join(', ')}.`] : []),
      ...left(
        manifests,
        'contains manifests that no kustomization includes. Add it to deploy.manifests to deploy them.',
      ),
    ]
    return { deploy: { kustomize: kustomize.folder }, notes }
  }
  if (charts.length > 0) {
    return {
      deploy: { helm: charts.map((chart) => ({ name: basename(chart).toLowerCase(), chart })) },
      notes: left(manifests, 'contains manifests outside the charts. Add it to deploy.manifests to deploy them.'),
    }
  }
  if (manifests.length === 0) return undefined
  return { deploy: { manifests: manifests.length === 1 ? (manifests[0] ?? '') : [...manifests] }, notes: [] }
}

function rank(folder: string): number {
  const name = basename(folder)
  const found = daily.findIndex((pattern) => pattern.test(name))
  if (found >= 0) return found
  return production.test(name) ? daily.length + 2 : name === 'base' ? daily.length + 1 : daily.length
}
