import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join, normalize, relative } from 'node:path'
import { instructions } from '../../images/build/dockerfile.ts'
import { byCodeUnits } from '../../lib/order.ts'
import { isRecord } from '../../lib/record.ts'
import { isManifest as isManifestName } from '../../manifests/plain.ts'
import { parseYaml } from '../../manifests/yaml.ts'

/** A Dockerfile and what is known about the images that it builds. Paths are relative to the repository. */
export interface FoundDockerfile {
  readonly file: string
  readonly context: string
  /** The named stages, in order. */
  readonly stages: readonly string[]
}

/** The files of a repository from which a configuration can be written. Paths are relative to the repository. */
export interface Found {
  readonly dockerfiles: readonly FoundDockerfile[]
  /** Folders of kustomizations, except Components. `isTop`: no other kustomization uses this one. */
  readonly kustomizations: readonly { readonly folder: string; readonly isTop: boolean }[]
  /** Folders of Helm charts, without their subcharts. */
  readonly charts: readonly string[]
  /**
   * Folders with manifests that belong to no kustomization or chart, those with fewer levels first. Of a folder with
   * other YAML or JSON, the manifests.
   */
  readonly manifests: readonly string[]
  /** `.env.example` or a file with a similar name. */
  readonly envExample: string | undefined
  /** Whether there is an `.env`. */
  readonly env: boolean
  /** The variables that these two files define. */
  readonly variables: readonly string[]
}

const ignored = /^(node_modules|dist|build|target|vendor|venv|__pycache__|fixtures|testdata|__tests__|coverage|\..+)$/
const kustomizationNames = /^[Kk]ustomization(\.ya?ml)?$/

/** Searches the folder `root`, up to seven levels deep. Skips folders of tools, build results and test data. */
export async function scan(root: string): Promise<Found> {
  const files = (await listed(root, '', 0)).sort((a, b) => depth(a) - depth(b) || byCodeUnits(a, b))
  const read = (file: string) => readFile(join(root, file), 'utf8')
  const named = (pattern: RegExp) => files.filter((file) => pattern.test(basename(file)))
  const kustomizations = await Promise.all(
    named(kustomizationNames).map(async (file) => ({ folder: dirname(file), content: firstOf(await read(file)) })),
  )
  const uses = kustomizations.map(({ folder, content }) => usedBy(folder, content))
  const used = new Set(uses.flat())
  const charts = named(/^Chart\.ya?ml$/).map(dirname)
  const below = (file: string, folders: readonly string[]) => folders.some((folder) => isBelow(file, folder))
  const own = kustomizations.map(({ folder }) => folder)
  const plain: string[] = []
  for (const file of named(/\.ya?ml$/)) {
    const taken = used.has(file) || own.includes(dirname(file)) || below(file, charts) || below(file, own)
    if (!taken && isManifest(await read(file).catch(() => ''))) plain.push(file)
  }
  const envExample = ['.env.example', '.env.sample', '.env.template'].find((name) => files.includes(name))
  const env = files.includes('.env')
  const values = await Promise.all([envExample, env ? '.env' : undefined].flatMap((file) => (file ? read(file) : [])))
  return {
    dockerfiles: await Promise.all(
      named(/^(Dockerfile(\..+)?|.+\.[Dd]ockerfile)$/)
        .filter((file) => !file.endsWith('.dockerignore'))
        .map(async (file) => dockerfileOf(file, await read(file), new Set(files))),
    ),
    kustomizations: kustomizations
      .filter(({ content }) => content.kind !== 'Component')
      .map(({ folder }) => ({ folder, isTop: !used.has(folder) })),
    charts: charts.filter(
      (chart) =>
        !below(
          chart,
          charts.filter((other) => other !== chart),
        ),
    ),
    manifests: placesOf(plain, files),
    envExample,
    env,
    variables: values.flatMap((text) =>
      [...text.matchAll(/^\s*(?:export\s+)?([\w.-]+)\s*=/gm)].map(([, key = '']) => key),
    ),
  }
}

/** The folders of manifests; of a folder that also has other files which `up` would read, the files. */
function placesOf(plain: readonly string[], files: readonly string[]): string[] {
  const known = new Set(plain)
  const mixed = new Set(files.filter((file) => isManifestName(file) && !known.has(file)).map(dirname))
  return [...new Set(plain.map((file) => (mixed.has(dirname(file)) ? file : dirname(file))))]
}

async function listed(root: string, folder: string, level: number): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => [])
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name)
      if (entry.isFile()) return [path]
      return entry.isDirectory() && level < 7 && !ignored.test(entry.name) ? listed(root, path, level + 1) : []
    }),
  )
  return found.flat()
}

function dockerfileOf(file: string, text: string, files: ReadonlySet<string>): FoundDockerfile {
  const steps = instructions(text)
  const stages = steps.flatMap(({ keyword, text: rest }) =>
    keyword === 'FROM' ? (/\s[Aa][Ss]\s+(\S+)\s*$/.exec(rest)?.[1] ?? []) : [],
  )
  const sources = steps.flatMap(({ keyword, text: rest }) =>
    keyword === 'COPY' || keyword === 'ADD' ? sourcesOf(rest) : [],
  )
  const holds = (folder: string) =>
    sources.every((source) => [...files].some((path) => isBelow(path, normalize(join(folder, source)))))
  const folder = dirname(file)
  // A Dockerfile in its own folder often copies files from the root of the repository.
  return { file, stages, context: !holds(folder) && holds('.') ? '.' : folder }
}

/** The paths that COPY or ADD takes from the context, without patterns, variables and URLs. */
function sourcesOf(text: string): string[] {
  if (/--from=|<<|^\s*\[/.test(text)) return []
  const words = text.split(/\s+/).filter((word) => word !== '' && !word.startsWith('--'))
  return words.slice(0, -1).filter((word) => !/[*?[$]|:\/\//.test(word))
}

/** Files and folders that a kustomization uses. */
function usedBy(folder: string, content: Readonly<Record<string, unknown>>): string[] {
  const lists = ['resources', 'bases', 'components', 'patchesStrategicMerge', 'crds'].flatMap(
    (key) => content[key] ?? [],
  )
  const patches = [content.patches, content.patchesJson6902].flat().flatMap((each) => (isRecord(each) ? each.path : []))
  return [...lists, ...patches].flatMap((entry) =>
    typeof entry === 'string' && !/\n|:\/\//.test(entry) ? [normalize(join(folder, entry)).replace(/\/$/, '')] : [],
  )
}

function isManifest(text: string): boolean {
  if (!/^apiVersion:/m.test(text) || !/^kind:/m.test(text)) return false
  try {
    return parseYaml(text, '').some(({ value }) => isRecord(value) && isRecord(value.metadata))
  } catch {
    return false
  }
}

function firstOf(text: string): Readonly<Record<string, unknown>> {
  const [first] = parseYaml(text, 'kustomization')
  return isRecord(first?.value) ? first.value : {}
}

function isBelow(file: string, folder: string): boolean {
  return folder === '.' || file === folder || !relative(folder, file).startsWith('..')
}

function depth(path: string): number {
  return path.split('/').length
}
