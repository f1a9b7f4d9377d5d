import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import texts from 'spdx-license-list/full.js'
import satisfies from 'spdx-satisfies'

/** What may be bundled: permissive licences, and the MPL, which asks nothing of the files beside its own. */
const accepted = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MPL-2.0',
  'Python-2.0',
  'Unlicense',
  'Zlib',
]

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: string
  /** The form before npm 2. */
  readonly licenses?: readonly { readonly type: string }[]
  readonly author?: string | { readonly name: string }
}

/** A bundled package, its licence as an SPDX expression, and the words of that licence. */
interface Bundled {
  readonly manifest: Manifest
  readonly licence: string
  readonly text: string
}

/**
 * Writes the licences of the npm packages that `sources` (files of a bundle, relative to `root`) belong to into `file`. Throws when
 * one of them has a licence that devk may not bundle.
 */
export async function writeLicences(root: string, sources: readonly string[], file: string): Promise<void> {
  const packages = await bundledPackages(root, sources)
  const refused = packages.filter(({ licence }) => !mayBundle(licence))
  if (refused.length > 0) {
    throw new Error(
      `devk may not bundle ${refused.map(title).join(', ')}: scripts/build/licences.ts names the licences that it may`,
    )
  }
  const byText = Map.groupBy(packages, ({ text }) => text)
  const sections = [...byText]
    .map(([text, same]) => `${[...new Set(same.map(title))].sort().join('\n')}\n\n${text}`)
    .sort()
  const introduction = 'devk contains code of the packages below, under these licences.'
  await writeFile(file, `${[introduction, ...sections].join(`\n\n${'-'.repeat(80)}\n`)}\n`)
}

/** The npm packages that `sources` (files of a bundle, relative to `root`) belong to. */
export function bundledPackages(root: string, sources: readonly string[]): Promise<Bundled[]> {
  const folders = new Set(sources.flatMap((source) => packageFolder(source) ?? []))
  return Promise.all([...folders].map((folder) => packageInside(root, folder) ?? readPackage(join(root, folder))))
}

/** The folder of the npm package that a source file belongs to, the innermost one; undefined for devk's own. */
function packageFolder(source: string): string | undefined {
  return /^.*\bnode_modules\/(?:@[^/]+\/)?[^/]+/.exec(source)?.[0]
}

/**
 * A package that is inside a file of another one, under its place where that was made. Its licence is that of the same package here;
 * undefined for any other folder.
 */
function packageInside(root: string, folder: string): Promise<Bundled> | undefined {
  const [, version, name] = /\/\.pnpm\/@?[^@/]+@([^/_(]+)[^/]*\/node_modules\/(.+)$/.exec(folder) ?? []
  if (version === undefined || name === undefined) return undefined
  return readPackage(join(root, 'node_modules', name)).then((same) => ({
    ...same,
    manifest: { ...same.manifest, version },
  }))
}

async function readPackage(folder: string): Promise<Bundled> {
  const manifest: Manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const licence = manifest.license ?? manifest.licenses?.map(({ type }) => type).join(' OR ') ?? 'no licence'
  const files = (await readdir(folder)).filter((name) => /^(licen[cs]e|copying|notice|unlicense)/i.test(name)).sort()
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')))
  return {
    manifest,
    licence,
    text: (texts.length > 0 ? texts.join('\n\n') : commonText(licence, manifest)).trim(),
  }
}

/** The words of a licence for a package that only names it. */
function commonText(licence: string, { author }: Manifest): string {
  const holder = typeof author === 'string' ? author : author?.name
  return `The package names this licence and its author, ${holder}, and has no text of it.\n\n${texts[licence]?.licenseText}`
}

function mayBundle(licence: string): boolean {
  try {
    return satisfies(licence, accepted)
  } catch {
    return false // Not an SPDX expression, such as "SEE LICENSE IN file".
  }
}

function title({ manifest, licence }: Bundled): string {
  return `${manifest.name}@${manifest.version} (${licence})`
}
