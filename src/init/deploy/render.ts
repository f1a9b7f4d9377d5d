import { join } from 'node:path'
import { DevkError } from '../../errors.ts'
import type { KubeObject } from '../../kube/api.ts'
import { inParallel } from '../../lib/parallel.ts'
import { type RenderDeps, renderManifests } from '../../manifests/render.ts'
import type { Found } from '../../scan/found.ts'
import { emptyImageValues, guessChart, guessKustomization, imageOfChart, valuesOf } from './guess.ts'
import { familiesOf } from './overlays.ts'
import { releasesOf } from './releases.ts'
import type { ChartRelease, Family, Unit, Wanted } from './unit.ts'

/** Where and how to render. */
export interface RenderPlace {
  readonly root: string
  readonly name: string
  readonly deps: RenderDeps
  readonly signal: AbortSignal
}

/** More are looked at only if the user names them. */
const most = 40

/** Renders each thing that could be deployed by itself: one that fails leaves the others alone. */
export async function unitsOf(found: Found, wanted: Wanted, place: RenderPlace): Promise<Unit[]> {
  const { kustomize, charts, values } = wanted
  const families: Family[] =
    kustomize.length > 0
      ? kustomize.map((folder) => ({ chosen: { folder, uses: [], isTop: true }, others: [] }))
      : familiesOf(found.kustomizations).slice(0, most)
  const named = found.charts.filter(({ folder }) => charts.length === 0 || charts.includes(folder))
  const unlisted = charts.filter((folder) => !named.some((chart) => chart.folder === folder))
  const more = unlisted.map((folder) => ({
    folder,
    name: imageOfChart({ folder, name: folder, values: [] }),
    values: [],
  }))
  const releases = releasesOf([...named, ...more], values)
    .slice(0, most)
    .map(({ chart, release }) => ({ chart, release: wanted.releases?.get(chart.folder) ?? release }))
  return [
    ...(await inParallel(families, 4, (family) => kustomization(family, found, place))),
    ...(await inParallel(releases, 4, (release) => chartUnit(release, place))),
    ...found.manifests.map(({ file, objects, problem }): Unit => ({ kind: 'manifests', path: file, objects, problem })),
  ]
}

async function kustomization({ chosen, others }: Family, found: Found, place: RenderPlace): Promise<Unit> {
  const { folder } = chosen
  const unit = { kind: 'kustomize', path: folder, overlays: others.map((each) => each.folder) } as const
  const rendered = await attempt({ kustomize: [join(place.root, folder)] }, place)
  if ('objects' in rendered) return { ...unit, objects: rendered.objects, problem: undefined }
  const objects = await guessKustomization(place.root, folder, found)
  return { ...unit, objects, problem: problemText(folder, rendered.error), lacksTool: isMissing(rendered.error) }
}

async function chartUnit({ chart, release }: ChartRelease, place: RenderPlace): Promise<Unit> {
  const values = await valuesOf(place.root, chart, release)
  const empty = await emptyImageValues(place.root, chart, values)
  const set = { ...Object.fromEntries(empty.map((path) => [path, imageOfChart(chart)])), ...release.set }
  const own = { ...release, set }
  const unit = { kind: 'helm', path: chart.folder, release: own } as const
  const helm = {
    ...{ name: own.name, namespace: undefined, set, chart: join(place.root, chart.folder) },
    values: own.values.map((file) => join(place.root, file)),
  }
  const rendered = await attempt({ helm: [helm] }, place)
  if ('objects' in rendered) return { ...unit, objects: rendered.objects, problem: undefined }
  const objects = await guessChart(place.root, chart, own)
  const problem = problemText(`The chart ${chart.folder}`, rendered.error)
  return { ...unit, objects, problem, lacksTool: isMissing(rendered.error) }
}

type Deploy = Parameters<typeof renderManifests>[0]['deploy']

async function attempt(
  part: Partial<Pick<Deploy, 'kustomize' | 'helm'>>,
  { root, name, deps, signal }: RenderPlace,
): Promise<{ objects: KubeObject[] } | { error: unknown }> {
  const deploy: Deploy = {
    manifests: [],
    kustomize: [],
    helm: [],
    overlays: {},
    images: [],
    namespace: undefined,
    ...part,
  }
  try {
    const rendered = await renderManifests({ name, cluster: {}, root, deploy }, deps, signal)
    return { objects: rendered.map(({ object }) => object) }
  } catch (error) {
    if (signal.aborted) throw error
    return { error }
  }
}

function isMissing(error: unknown): error is DevkError {
  return error instanceof DevkError && error.code === 'TOOL_MISSING'
}

function problemText(what: string, error: unknown): string {
  const problem = problemOf(error)
  // The same for each chart: one sentence is enough.
  if (!isMissing(error)) return `${what} could not be rendered: ${problem}`
  const tool = problem.startsWith('helm') ? 'helm' : 'a kubectl that devk can use'
  return `Without ${tool}, devk init has only read the templates and bases. ${error.hint ?? ''}`.trim()
}

/** What a failure says, on one line. Pure. */
export function problemOf(error: unknown): string {
  if (!(error instanceof DevkError)) return `${(error as Error).message.split('\n')[0]}.`
  const { message, details = [], hint } = error
  const text = [message, details[0], hint]
    .filter((part) => part !== undefined)
    .map((part) => part.trim().split('\n')[0] ?? '')
  return text.map((part) => (/[.:!?]$/.test(part) ? part : `${part}.`)).join(' ')
}
