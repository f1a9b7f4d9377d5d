import { glob, stat } from 'node:fs/promises'
import { dirname, join, matchesGlob, resolve, sep } from 'node:path'
import { isRemoteChart } from '../config/chart-source.ts'
import type { LoadedConfig } from '../config/schema.ts'
import { isFolder, isWithin } from '../lib/paths.ts'
import { isRecord } from '../lib/record.ts'
import { kustomizationNames } from './kustomize/tree.ts'
import { isManifest } from './plain.ts'
import { mappingIn } from './yaml.ts'

/** What rendering reads. A change of it makes other objects. */
export interface RenderInputs {
  /** Absolute paths of files and folders. Some may not exist. */
  readonly roots: readonly string[]
  /** Whether rendering reads this file, or would read it if it existed. */
  reads(path: string): boolean
  /** Whether rendering may read something in this folder or below it. */
  mayReadBelow(folder: string): boolean
}

/** One source of files: a root, and which paths below it are read. */
interface Source {
  readonly root: string
  reads(path: string): boolean
  mayReadBelow(folder: string): boolean
}

/**
 * What rendering the `deploy` section reads, and the files `others`. Only what is read counts: the manifests that a
 * pattern matches, and the files that a kustomization names, not the folders around them. Never rejects: rendering
 * reports what is wrong.
 */
export async function renderInputs(
  { manifests, kustomize, helm }: Pick<LoadedConfig['deploy'], 'manifests' | 'kustomize' | 'helm'>,
  others: readonly string[],
): Promise<RenderInputs> {
  const seen = new Set<string>()
  for (const folder of kustomize) await readKustomization(folder, seen)
  const charts = helm.filter((release) => !isRemoteChart(release)).map(({ chart }) => chart)
  const files = [...others, ...seen, ...helm.flatMap(({ values }) => values)]
  const sources = [
    ...(await Promise.all(manifests.map(manifestSource))).flat(),
    ...[...charts, ...files].map((path) => everything(path)),
  ]
  return {
    roots: [...new Set(sources.map(({ root }) => root))],
    reads: (path) => sources.some((source) => source.reads(path)),
    mayReadBelow: (folder) => sources.some((source) => source.mayReadBelow(folder)),
  }
}

function everything(root: string): Source {
  const within = (path: string) => isWithin(path, root)
  return { root, reads: within, mayReadBelow: (folder) => within(folder) || isWithin(root, folder) }
}

async function manifestSource(path: string): Promise<Source[]> {
  const found = await stat(path).catch(() => undefined)
  // kubectl reads no subfolders.
  if (found?.isDirectory()) {
    const reads = (file: string) => dirname(file) === path && isManifest(file)
    return [{ root: path, reads, mayReadBelow: (folder) => isWithin(path, folder) }]
  }
  const parts = path.split(sep)
  const wild = parts.findIndex((part) => /[*?[{]/.test(part))
  if (found || wild < 0) return [everything(path)]
  const root = parts.slice(0, wild).join(sep) || sep
  const known = await matchesOf(path)
  return [
    {
      root,
      reads: (file) => isManifest(file) && matchesGlob(file, path),
      mayReadBelow: (folder) => isWithin(root, folder) || mayMatchBelow(parts, folder.split(sep)),
    },
    ...known.map(everything),
  ]
}

async function matchesOf(pattern: string): Promise<string[]> {
  const found: string[] = []
  for await (const file of glob(pattern)) if (isManifest(file)) found.push(file)
  return found
}

/** Whether a path below a folder may match a pattern. `**` does not look into folders of packages and of Git. */
function mayMatchBelow(pattern: readonly string[], folder: readonly string[]): boolean {
  for (const [index, name] of folder.entries()) {
    const part = pattern[index]
    if (part === undefined) return false
    if (part.includes('**')) return !folder.slice(index).some((each) => each === 'node_modules' || each === '.git')
    if (part !== name && !matchesGlob(name, part)) return false
  }
  return pattern.length > folder.length
}

/** Keys of a kustomization whose values are paths, or contain paths. All other values are names and texts. */
const pathKeys = new Set([
  ...['resources', 'bases', 'components', 'crds', 'configurations', 'generators', 'transformers', 'validators'],
  ...['patches', 'patchesStrategicMerge', 'patchesJson6902', 'replacements', 'openapi', 'path'],
  ...['configMapGenerator', 'secretGenerator', 'files', 'envs', 'env'],
  ...['helmCharts', 'valuesFile', 'additionalValuesFiles', 'chartHome', 'configHome'],
])

/** Adds the kustomization of a folder and each local file that it is made from. */
async function readKustomization(folder: string, seen: Set<string>): Promise<void> {
  const names = kustomizationNames.map((name) => join(folder, name))
  const file = (await firstThere(names)) ?? names[0] ?? folder
  if (seen.has(file)) return
  seen.add(file)
  const content = await mappingIn(file)
  const charts = isRecord(content.helmGlobals) ? content.helmGlobals.chartHome : undefined
  if (Array.isArray(content.helmCharts)) seen.add(resolve(folder, typeof charts === 'string' ? charts : 'charts'))
  for (const [key, path] of pathsIn(content)) {
    // In a generator, `files` may give the file a name: `name=path`.
    const local = resolve(folder, key === 'files' ? path.slice(path.indexOf('=') + 1) : path)
    if (await isFolder(local)) await readKustomization(local, seen)
    else seen.add(local)
  }
}

/**
 * The paths in a kustomization or the configuration of a generator, each with its key. `all`: also addresses, and texts
 * in place of files. Pure.
 */
export function pathsIn(value: unknown, all = false, key = ''): [string, string][] {
  if (Array.isArray(value)) return value.flatMap((entry) => pathsIn(entry, all, key))
  if (isRecord(value)) return Object.entries(value).flatMap(([name, entry]) => pathsIn(entry, all, name))
  if (all) return typeof value === 'string' && value !== '' && pathKeys.has(key) ? [[key, value]] : []
  const isLocal = typeof value === 'string' && !/\n|:\/\/|^git@|\?ref=|^github\.com\//.test(value)
  return isLocal && value !== '' && pathKeys.has(key) ? [[key, value]] : []
}

async function firstThere(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) if (await stat(file).catch(() => undefined)) return file
  return undefined
}
