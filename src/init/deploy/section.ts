import { basename, dirname } from 'node:path/posix'
import type { ConfigInput } from '../../config/schema.ts'
import { kustomizationFile } from '../../scan/kustomizations.ts'
import type { Choice, LeftOut } from './choose.ts'
import type { Unit } from './unit.ts'

/** The section `deploy` of a configuration. */
export type Deploy = NonNullable<ConfigInput['deploy']>

/** The section `deploy` for the chosen units. `others`: files that a folder would bring along. Pure. */
export function deploySection({ chosen, left }: Choice, others: readonly string[]): Deploy {
  const of = (kind: Unit['kind']) => chosen.filter((unit) => unit.kind === kind)
  const unwanted = [...others, ...left.filter(({ unit }) => unit.kind === 'manifests').map(({ unit }) => unit.path)]
  const manifests = placesOf(
    of('manifests').map(({ path }) => path),
    unwanted,
  )
  const kustomize = of('kustomize').map(({ path }) => path)
  const overlays = of('kustomize').length === 1 ? overlaysOf(of('kustomize')[0]) : {}
  const helm = of('helm').map(({ path, release }) => ({
    ...{ name: release?.name ?? basename(path), chart: path },
    ...(release === undefined || release.values.length === 0 ? {} : { values: [...release.values] }),
    ...(release === undefined || Object.keys(release.set).length === 0 ? {} : { set: { ...release.set } }),
  }))
  return {
    ...(manifests.length === 0 ? {} : { manifests: oneOrMore(manifests) }),
    ...(kustomize.length === 0 ? {} : { kustomize: oneOrMore(kustomize) }),
    ...(Object.keys(overlays).length === 0 ? {} : { overlays }),
    ...(helm.length === 0 ? {} : { helm }),
  }
}

function oneOrMore(list: readonly string[]): string | string[] {
  return list.length === 1 ? (list[0] ?? '') : [...list]
}

/** Overlays by name that do not lie beside the deployed one, where `--overlay NAME` would find them. */
function overlaysOf(unit: Unit | undefined): Record<string, string> {
  const away = (unit?.overlays ?? []).filter((folder) => dirname(folder) !== dirname(unit?.path ?? '.'))
  return Object.fromEntries(
    away.map((folder) => [basename(folder), folder] as const).filter(([name]) => /^[\w.-]+$/.test(name)),
  )
}

/** The folders of files; of a folder with other files that `up` would read, the files. */
function placesOf(files: readonly string[], unwanted: readonly string[]): string[] {
  const mixed = new Set(unwanted.filter((file) => !kustomizationFile.test(basename(file))).map((file) => dirname(file)))
  return [...new Set(files.map((file) => (mixed.has(dirname(file)) ? file : dirname(file))))]
}

/** What the user has to look at: what could not be rendered, and what was chosen among several. Pure. */
export function choiceNotes({ chosen, left }: Choice): string[] {
  const broken = left.filter(({ why }) => why === 'broken')
  return [
    ...chosen.flatMap(({ problem }) => problem ?? []),
    ...broken.map(({ unit: { path, problem = '' } }) => `${problem} ${path} is left out.`.trim()),
    ...variantNotes(left.filter(({ why }) => why === 'variant')),
    ...line(pathsOf(left, 'other way'), 'is not deployed: add it to deploy.', 'are not deployed: add them to deploy.'),
  ]
}

/** What was chosen among variants that define the same. Pure. */
export function variantNotes(variants: readonly LeftOut[]): string[] {
  return [...Map.groupBy(variants, ({ instead }) => instead?.path ?? '')].map(([path, all]) => {
    const names = some(all.map(({ unit }) => unit.path))
    const what = all[0]?.instead?.object ?? 'the same'
    return `${names} would deploy ${what} too. ${path} was chosen; ${flagOf(all[0]?.unit)} chooses another.`
  })
}

/** What was decided about the rest. Pure. */
export function choiceRemarks({ chosen, left }: Choice): string[] {
  const tests = 'like tests or documentation and'
  return [
    ...overlayRemarks(chosen),
    ...line(pathsOf(left, 'no workload'), 'runs nothing and is not deployed.', 'run nothing and are not deployed.'),
    ...line(pathsOf(left, 'aside'), `looks ${tests} is not deployed.`, `look ${tests} are not deployed.`),
  ]
}

function pathsOf(left: readonly LeftOut[], why: LeftOut['why']): string[] {
  return left.filter((each) => each.why === why).map(({ unit }) => unit.path)
}

function overlayRemarks(chosen: readonly Unit[]): string[] {
  const [unit, ...more] = chosen.filter(({ overlays = [] }) => overlays.length > 0)
  if (unit === undefined || more.length > 0) return []
  const names = (unit.overlays ?? []).map((each) => basename(each))
  return [`${unit.path} is deployed. For another overlay: devk up --overlay ${names.join('|')}.`]
}

function flagOf(unit: Unit | undefined): string {
  return unit?.kind === 'helm' ? '--chart' : `--${unit?.kind ?? 'manifests'}`
}

function line(paths: readonly string[], one: string, several: string): string[] {
  return paths.length === 0 ? [] : [`${some(paths)} ${paths.length === 1 ? one : several}`]
}

/** The first names of a long list, and how many more there are. Pure. */
export function some(names: readonly string[]): string {
  const shown = names.slice(0, 4).join(', ')
  return names.length > 5 ? `${shown} and ${names.length - 4} more` : names.join(', ')
}
