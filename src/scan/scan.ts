import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { byCodeUnits } from '../lib/order.ts'
import { inParallel } from '../lib/parallel.ts'
import { chartsIn } from './charts.ts'
import { dockerfilesIn, isDockerfile } from './dockerfiles.ts'
import { existsIn } from './exists.ts'
import type { Found, FoundManifest } from './found.ts'
import { kustomizationFile, kustomizationsIn } from './kustomizations.ts'
import { manifestIn } from './manifest.ts'
import { depth, isBelow } from './paths.ts'
import { type Limits, listFiles } from './walk.ts'

/** More than a real repository has; a home folder has more. */
const usual = { levels: 7, entries: 200_000, manifests: 3000, bytes: 4_000_000 }

/**
 * Searches the folder `root`, up to seven levels deep. Skips folders of tools, build results and test data. What cannot
 * be read is a note, never a failure.
 */
export async function scan(
  root: string,
  limits: Limits & { manifests: number; bytes: number } = usual,
): Promise<Found> {
  const { files: listed, notes } = await listFiles(root, limits)
  const files = [...listed].sort((a, b) => depth(a) - depth(b) || byCodeUnits(a, b))
  const problems = [...notes]
  const textOf = async (file: string): Promise<string> => {
    try {
      if ((await stat(join(root, file))).size > limits.bytes) {
        problems.push(`${file} has more than ${limits.bytes / 1_000_000} MB and was not read.`)
        return ''
      }
      // Editors on Windows write a mark in front, which the parsers of kubectl and BuildKit skip.
      return (await readFile(join(root, file), 'utf8')).replace(/^\uFEFF/, '')
    } catch (error) {
      problems.push(`${file} could not be read: ${(error as Error).message}.`)
      return ''
    }
  }
  const textsOf = async (wanted: readonly string[]) =>
    new Map(await inParallel(wanted, 32, async (file) => [file, await textOf(file)] as const))
  const named = (pattern: RegExp) => files.filter((file) => pattern.test(basename(file)))
  const dockerTexts = await textsOf(files.filter(isDockerfile))
  const places = [...new Set([...dockerTexts.keys()].map((file) => dirname(file)))]
  const has = new Set(files)
  const packageTexts = await textsOf(
    places.map((place) => inFolder(place, 'package.json')).filter((file) => has.has(file)),
  )
  const packages = new Map([...packageTexts].map(([file, text]) => [dirname(file), text]))
  const { kustomizations, used } = kustomizationsIn(await textsOf(named(kustomizationFile)))
  const own = kustomizations.map(({ folder }) => folder)
  const chartFiles = named(/^Chart\.ya?ml$/)
  const charts = chartsIn(await textsOf(chartFiles), files, own)
  const taken = [...chartFiles.map((file) => dirname(file)), ...own]
  const isTaken = (file: string) => used.has(file) || taken.some((folder) => isBelow(file, folder))
  const candidates = named(/\.(ya?ml|json)$/).filter(
    (file) => !isTaken(file) && !/(^|\/)(package(-lock)?|tsconfig.*|composer)\.json$/.test(file),
  )
  if (candidates.length > limits.manifests) {
    problems.push(`There are ${candidates.length} YAML and JSON files. Those deepest down were not read.`)
  }
  const manifests: FoundManifest[] = []
  for (const [file, text] of await textsOf(candidates.slice(0, limits.manifests))) {
    const manifest = manifestIn(file, text)
    if (manifest !== undefined) manifests.push(manifest)
  }
  const known = new Set(manifests.map(({ file }) => file))
  const envFiles = ['.env.example', '.env.sample', '.env.template', '.env'].filter((name) => has.has(name))
  const values = [...(await textsOf(envFiles)).values()]
  return {
    files,
    dockerfiles: await dockerfilesIn(dockerTexts, packages, existsIn(root)),
    kustomizations,
    charts,
    manifests,
    others: named(/\.(ya?ml|json)$/).filter((file) => !known.has(file)),
    envExample: envFiles.find((name) => name !== '.env'),
    env: envFiles.includes('.env'),
    variables: values.flatMap((text) =>
      [...text.matchAll(/^\s*(?:export\s+)?([\w.-]+)\s*=/gm)].map(([, key = '']) => key),
    ),
    notes: problems,
  }
}

function inFolder(folder: string, name: string): string {
  return folder === '.' ? name : `${folder}/${name}`
}
