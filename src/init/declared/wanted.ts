import { isDeepStrictEqual } from 'node:util'
import { ignorePatterns } from '../../lib/ignore/patterns.ts'
import type { DeployFact, Facts, HelmFact, Repository } from '../../readers/facts.ts'
import type { Found } from '../../scan/found.ts'
import { manifestIn } from '../../scan/manifest.ts'
import type { Release, Wanted } from '../deploy/unit.ts'
import { shown } from './services.ts'

/** What the files of other tools deploy. */
export interface DeclaredDeploy {
  /** undefined where they say nothing about what is in the repository. */
  readonly wanted: Wanted | undefined
  readonly notes: readonly string[]
}

/** A file that speaks for the whole repository. */
const atRoot = /^(skaffold\.ya?ml|Tiltfile|devspace\.ya?ml|okteto\.ya?ml)$/

/**
 * The repository with the manifests that a tool names one by one although they are part of a kustomization or chart.
 * Pure.
 */
export function withNamed(tools: readonly Facts[], found: Found, repository: Repository): Found {
  if (!found.files.some((file) => atRoot.test(file))) return found
  const read = readBy(tools.flatMap(({ deploys }) => deploys))
  const known = new Set(found.manifests.map(({ file }) => file))
  const named = found.files.filter((file) => /\.(ya?ml|json)$/.test(file) && !known.has(file) && read(file))
  const more = named.flatMap((file) => manifestIn(file, repository.read(file) ?? '') ?? [])
  return more.length === 0 ? found : { ...found, manifests: [...found.manifests, ...more] }
}

/**
 * What the first tool deploys that says it; a note names another one that deploys something else. `tools`: the facts of
 * each. Pure.
 */
export function declaredDeploy(tools: readonly Facts[], found: Found): DeclaredDeploy {
  const none = { wanted: undefined, notes: [] }
  if (!found.files.some((file) => atRoot.test(file))) return none
  const all = tools
    .map(({ deploys }) => ({ deploys, wanted: wantedBy(deploys, found) }))
    .filter(({ wanted }) => wanted.manifests.length + wanted.kustomize.length + wanted.charts.length > 0)
  const [first, ...others] = all
  const missing = tools.flatMap(({ deploys }) => deploys.flatMap((deploy) => missingNotes(deploy, found)))
  if (first === undefined) return { ...none, notes: missing }
  const other = others.find(({ wanted }) => !isDeepStrictEqual(wanted, first.wanted))
  const places = [first, other].map((each) => shown(each?.deploys[0]?.place))
  const releases = first.deploys.flatMap(({ helm }) =>
    helm.map((release) => [release.chart, releaseOf(release)] as const),
  )
  return {
    wanted: { ...first.wanted, releases: new Map(releases) },
    notes: [
      ...(other === undefined ? [] : [`${places[0]} and ${places[1]} deploy different things; devk uses the first.`]),
      ...missing,
    ],
  }
}

function wantedBy(deploys: readonly DeployFact[], { manifests, kustomizations, charts }: Found): Wanted {
  const read = readBy(deploys)
  const folders = new Set(kustomizations.map(({ folder }) => folder))
  const known = new Set(charts.map(({ folder }) => folder))
  return {
    manifests: manifests.map(({ file }) => file).filter(read),
    kustomize: unique(deploys.flatMap((deploy) => deploy.kustomize).filter((folder) => folders.has(folder))),
    charts: unique(deploys.flatMap(({ helm }) => helm.map(({ chart }) => chart)).filter((chart) => known.has(chart))),
    values: [],
  }
}

/** Whether files are among the manifests that a tool deploys. */
function readBy(deploys: readonly DeployFact[]): (file: string) => boolean {
  const named = deploys.flatMap((deploy) => deploy.manifests)
  const read = ignorePatterns(named.map(plainPattern).join('\n'))
  return (file) => named.length > 0 && !('mistake' in read) && read.ignores(file)
}

/** These tools read `**` as `*` where it is only a part of a name: `k8s/**.yaml`. */
function plainPattern(pattern: string): string {
  const steps = pattern.split('/')
  return steps.map((step) => (step === '**' ? step : step.replaceAll('**', '*'))).join('/')
}

/** The release as devk names it: lower case, without what the file says about the chart. */
function releaseOf({ name, values, set }: HelmFact): Release {
  return {
    name: name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .slice(0, 40),
    values,
    set,
  }
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)].sort()
}

/** What is not in the repository. A chart that has to be fetched is up to the user: devk asks before it uses a host. */
function missingNotes({ place, helm, kustomize }: DeployFact, { charts, kustomizations }: Found): string[] {
  const at = shown(place)
  const folders = new Set([...charts, ...kustomizations].map(({ folder }) => folder))
  const gone = kustomize.filter((folder) => !folders.has(folder))
  const away = helm.filter(({ chart }) => !folders.has(chart))
  return [
    ...gone.map((folder) => `${at} deploys ${folder}, which has no kustomization.`),
    ...away.map(({ name, chart, repo, version }) => {
      if (repo === undefined && !chart.includes('://')) return `${at} deploys the chart ${chart}, which is not here.`
      const parts = Object.entries({ name, chart, repo, version }).filter(([, value]) => value !== undefined)
      const entry = parts.map(([key, value]) => `${key}: '${value}'`).join(', ')
      return `${at} deploys a chart that is fetched. To deploy it: deploy.helm: [{ ${entry} }].`
    }),
  ]
}
