import { join, relative } from 'node:path'
import { isRemoteChart } from '../../config/chart-source.ts'
import { presetSchema } from '../../config/preset-schema.ts'
import { sourceName } from '../../config/preset-source.ts'
import type { PresetSource } from '../../config/schema-presets.ts'
import { type ChartLock, lockedOf } from '../../manifests/charts/lock.ts'
import { type HelmRelease, sourceText } from '../../manifests/charts/source.ts'
import { lockedSourceOf } from '../../manifests/remote/fetch.ts'
import { remoteSourcesOf } from '../../manifests/remote/source.ts'
import { mappingIn } from '../../manifests/yaml.ts'
import type { Preset } from '../folder.ts'

/** A preset that the configuration describes itself, as far as it is known without rendering it. Fetches nothing. */
export async function sourcedPreset(entry: PresetSource, lock: ChartLock | undefined, root: string): Promise<Preset> {
  const name = sourceName(entry)
  const spec = presetSchema.parse({
    name,
    description: shortened(originText(entry, root)),
    version: (await versionOf(entry, lock)) || 'unknown',
    namespace: entry.namespace ?? name,
    needs: entry.needs,
  })
  return { ...spec, folder: root, builtIn: false, from: entry }
}

/** The release of a preset that is a chart; undefined for others. Pure. */
export function releaseOf(entry: PresetSource): HelmRelease | undefined {
  const { chart, repo, version, values, set, namespace } = entry
  if (chart === undefined) return undefined
  const name = sourceName(entry)
  return { name, chart, repo, version, values, set, namespace: namespace ?? name }
}

/** Where a preset comes from, in words. Pure. */
function originText({ chart, repo, git, path, kustomize, manifests = [] }: PresetSource, root: string): string {
  const shown = (file: string) => (file.startsWith('/') ? relative(root, file) || '.' : file)
  if (chart !== undefined) return `Chart ${sourceText({ chart: shown(chart), repo })}`
  if (git !== undefined) return path === undefined ? git : `${path} of ${git}`
  if (kustomize !== undefined) return `Kustomization ${shown(kustomize)}`
  return manifests.map(shown).join(', ')
}

async function versionOf(entry: PresetSource, lock: ChartLock | undefined): Promise<string> {
  const { chart, repo, version, ref } = entry
  if (chart !== undefined) {
    const source = { chart, repo, version }
    if (!isRemoteChart(source)) return String((await mappingIn(join(chart, 'Chart.yaml'))).version ?? 'local')
    return (lock === undefined ? undefined : lockedOf(lock, source)?.version) ?? version ?? 'not fetched'
  }
  const sources = remoteSourcesOf(entry)
  if (sources.length === 0) return 'local'
  const locked = lock === undefined ? [] : sources.flatMap((source) => lockedSourceOf(lock, source) ?? [])
  const [first] = locked
  if (first?.commit !== undefined) {
    const commit = first.commit.slice(0, 12)
    return ref === undefined || first.commit.startsWith(ref) ? commit : `${ref} (${commit})`
  }
  const named = /\/(v?\d+\.\d+\.\d+[^/]*)\//.exec(URL.parse(sources[0]?.address ?? '')?.pathname ?? '')?.[1]
  return named ?? first?.digest.slice('sha256:'.length, 19) ?? ref ?? 'not fetched'
}

function shortened(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 99)}…`
}
