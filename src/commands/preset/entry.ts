import { relative, resolve } from 'node:path'
import { isRemoteChart } from '../../config/chart-source.ts'
import { isRemoteFile, originKeys, sourceName } from '../../config/preset-source.ts'
import { DevkError } from '../../errors.ts'
import type { PresetEntry } from '../../presets/add.ts'

/** Flags of `devk preset add` that describe a preset. */
export interface PresetAddFlags {
  readonly chart?: string
  readonly repo?: string
  readonly version?: string
  readonly values: readonly string[]
  readonly git?: string
  readonly ref?: string
  readonly path?: string
  readonly kustomize?: string
  readonly manifests: readonly string[]
  readonly namespace?: string
}

/** Where a path of the command line lies, and the folder of the configuration. */
interface Folders {
  readonly cwd: string
  readonly root: string
}

/**
 * The entry for `presets` that these flags describe, with paths from the folder of the configuration; undefined if they
 * describe none. Throws USAGE for flags that do not fit together. Pure.
 */
export function entryOf(name: string, flags: PresetAddFlags, { cwd, root }: Folders): PresetEntry | undefined {
  const { chart, repo, version, values, git, ref, path, kustomize, manifests, namespace } = flags
  const given = Object.entries({
    chart: chart === undefined || isRemoteChart({ chart, repo }) ? chart : moved(chart),
    repo,
    version,
    git,
    ref,
    path,
    kustomize: kustomize === undefined ? undefined : moved(kustomize),
    manifests: listOf(manifests.map((file) => (isRemoteFile(file) ? file : moved(file)))),
    values: listOf(values.map(moved)),
    namespace,
  }).filter(([, value]) => value !== undefined)
  if (given.length === 0) return undefined
  if (!given.some(([key]) => (originKeys as readonly string[]).includes(key))) {
    throw new DevkError('USAGE', `--${given[0]?.[0]} does not say where the preset ${name} comes from`, {
      hint: `Add ${originKeys
        .map((key) => `--${key}`)
        .join(', ')
        .replace(/, ([^,]*)$/, ' or $1')}.`,
    })
  }
  const fields = Object.fromEntries(given)
  const derived = sourceName({ chart, git, path, kustomize, manifests: [...manifests], values: [], set: {}, needs: [] })
  return derived === name ? fields : { name, ...fields }

  function moved(file: string): string {
    const way = relative(root, resolve(cwd, file))
    return way.startsWith('.') ? way : `./${way}`
  }
}

/** undefined for an empty list, the item of a list of one. */
function listOf(items: readonly string[]): string | readonly string[] | undefined {
  return items.length > 1 ? items : items[0]
}
