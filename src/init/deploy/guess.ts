import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { KubeObject } from '../../kube/api.ts'
import { isRecord } from '../../lib/record.ts'
import { lenientValue } from '../../lib/yaml.ts'
import type { Found, FoundChart } from '../../scan/found.ts'
import { understood } from '../../scan/manifest.ts'
import type { Release } from './unit.ts'

type Values = Readonly<Record<string, unknown>>

/** What the templates of a chart would render if they had only values and names in them; for a chart that fails. */
export async function guessChart(root: string, chart: FoundChart, release: Release): Promise<KubeObject[]> {
  const values = await valuesOf(root, chart, release)
  const templates = join(root, chart.folder, 'templates')
  const files = await readdir(templates, { recursive: true }).catch(() => [])
  const texts = files.filter((file) => /\.ya?ml$/.test(file) && !/(^|\/)tests\//.test(file)).slice(0, 200)
  const objects = await Promise.all(
    texts.map(async (file) =>
      understood(filled(await readFile(join(templates, file), 'utf8').catch(() => ''), values, release)),
    ),
  )
  return objects.flat()
}

/** The merged values of a chart and of the files of its release. */
export async function valuesOf(root: string, chart: FoundChart, release: Release): Promise<Values> {
  const files = [join(chart.folder, 'values.yaml'), ...release.values]
  const all = await Promise.all(
    files.map(async (file) => {
      const read = lenientValue(await readFile(join(root, file), 'utf8').catch(() => ''))
      return 'value' in read && isRecord(read.value) ? read.value : {}
    }),
  )
  return all.reduce(merged, {})
}

function merged(a: Values, b: Values): Values {
  const inner = Object.entries(b).map(([key, value]) => {
    const old = a[key]
    return [key, isRecord(old) && isRecord(value) ? merged(old, value) : value] as const
  })
  return { ...a, ...Object.fromEntries(inner) }
}

/** The value at `image.tag`. Pure. */
function valueAt(values: Values, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), values)
}

function filled(template: string, values: Values, { name, set }: Release): string {
  const known = template
    .replace(/\{\{-?\s*(?:toString\s+)?\.Values\.([\w.]+)[^}]*\}\}/g, (_, path: string) => {
      const value = set[path] ?? valueAt(values, path)
      return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
    })
    .replace(/\{\{-?\s*(\.Release\.Name|\.Chart\.Name|include\s+"[^"]*(fullname|name)"\s+\S+)[^}]*\}\}/g, name)
  return known.replace(
    /^[ \t]*\{\{-?\s*(if|else|end|with|range|define|include|toYaml|template|\/\*|\$).*\}\}[ \t]*$/gm,
    '',
  )
}

/** The objects in the files that a kustomization and its bases name; for one that fails. */
export async function guessKustomization(root: string, folder: string, found: Found): Promise<KubeObject[]> {
  const folders = new Map(found.kustomizations.map((each) => [each.folder, each] as const))
  const seen = new Set<string>()
  const files: string[] = []
  const visit = (path: string) => {
    if (seen.has(path)) return
    seen.add(path)
    const kustomization = folders.get(path)
    if (kustomization !== undefined) kustomization.uses.forEach(visit)
    else if (/\.ya?ml$/.test(path) && !/patch/i.test(basename(path))) files.push(path)
  }
  visit(folder)
  const texts = await Promise.all(files.map((file) => readFile(join(root, file), 'utf8').catch(() => '')))
  return texts.flatMap((text) => understood(text))
}

/** The values of a chart that name an image and are empty, which a script of the project fills in. */
export async function emptyImageValues(root: string, { folder }: FoundChart, values: Values): Promise<string[]> {
  const templates = join(root, folder, 'templates')
  const files = await readdir(templates, { recursive: true }).catch(() => [])
  const texts = await Promise.all(
    files
      .filter((file) => /\.ya?ml$/.test(file))
      .slice(0, 200)
      .map((file) => readFile(join(templates, file), 'utf8').catch(() => '')),
  )
  const paths = texts.flatMap((text) =>
    [...text.matchAll(/^\s*-?\s*image:\s*["']?\{\{-?\s*\.Values\.([\w.]+)[^}]*\}\}["']?\s*$/gm)].map(
      ([, path = '']) => path,
    ),
  )
  return [...new Set(paths)].filter((path) => {
    const value = valueAt(values, path)
    return value === '' || value === undefined || value === null
  })
}

/** The name of the folder around a chart, for the image that it deploys. Pure. */
export function imageOfChart({ folder, name }: FoundChart): string {
  const around = basename(dirname(folder))
  return /^(chart|helm|deploy)$/.test(basename(folder)) && around !== '.' && around !== '' ? around : name
}
