import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/**
 * The licences under which the kit builds nothing, by the start of their SPDX identifiers, with the titles of their
 * texts. The texts of the GPL and the MPL name the AGPL in a sentence, so only a title at the start of a line counts.
 */
const refused = [
  { start: 'AGPL-', title: /^\s*(?:GNU )?AFFERO GENERAL PUBLIC LICENSE/m },
  { start: 'SSPL-', title: /^\s*Server Side Public License/m },
  { start: 'BUSL-', title: /^\s*"?Business Source License/m },
]

/** Whether an SPDX identifier names a licence under which the kit builds nothing: AGPL, SSPL or BUSL. */
export function isRefused(identifier: string): boolean {
  return refused.some(({ start }) => identifier.startsWith(start))
}

/** The refused licence (AGPL, SSPL or BUSL) whose text a file contains; undefined if it contains none. */
export function refusedText(text: string): string | undefined {
  return refused.find(({ title }) => title.test(text))?.start.slice(0, -1)
}

/** A package of a program, and the root of its module. */
export interface Source {
  readonly folder: string
  readonly module: string
}

/**
 * The first package under a refused licence, with that licence; undefined if there is none. What counts for a package
 * is the licence file in its folder, or else in the nearest folder above it up to the root of its module.
 */
export async function findRefused(
  sources: readonly Source[],
): Promise<{ readonly folder: string; readonly licence: string } | undefined> {
  const known = new Map<string, Promise<string | undefined>>()
  const textIn = (folder: string): Promise<string | undefined> => {
    const text = known.get(folder) ?? licenceText(folder)
    known.set(folder, text)
    return text
  }
  for (const { folder, module } of sources) {
    for (const one of foldersUpTo(folder, module)) {
      const text = await textIn(one)
      if (text === undefined) continue
      const licence = refusedText(text)
      if (licence !== undefined) return { folder, licence }
      break
    }
  }
  return undefined
}

/** A folder and those above it, up to `root`. */
function foldersUpTo(folder: string, root: string): string[] {
  if (folder === root || !folder.startsWith(`${root}/`)) return [folder]
  return [folder, ...foldersUpTo(dirname(folder), root)]
}

/** The text of the licence files of a folder; undefined if it has none. */
async function licenceText(folder: string): Promise<string | undefined> {
  const entries = await readdir(folder, { withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && /^(licen[cs]e|copying)(\W|$)/i.test(entry.name))
  if (files.length === 0) return undefined
  return (await Promise.all(files.map(({ name }) => readFile(join(folder, name), 'utf8')))).join('\n')
}
