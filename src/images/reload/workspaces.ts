import { posix } from 'node:path'
import { isRecord } from '../../lib/record.ts'
import { lenientValue } from '../../lib/yaml.ts'
import type { Program } from './program.ts'

/** Where packages mostly lie. */
const usual = ['packages/*', 'apps/*', 'services/*']
/** More packages are not looked at. */
const most = 200

type Files = Pick<Program, 'text' | 'folders'>

/**
 * The folder of a package that is chosen by its name or path, relative to the folder that holds the workspaces;
 * undefined if it is not found.
 */
export async function folderOf(workspace: string, files: Files): Promise<string | undefined> {
  if (!/^[@\w./-]+$/.test(workspace) || workspace.split('/').includes('..')) return undefined
  const patterns = [...(await patternsOf(files)), ...usual]
  const last = posix.basename(workspace)
  const likely = [workspace, ...patterns.map((pattern) => pattern.replace(/\*+.*$/, last))]
  const named = async (folder: string) => {
    const text = await files.text(posix.join(folder, 'package.json'))
    return text !== '' && (folder === workspace || parsedJson(text).name === workspace)
  }
  for (const folder of likely) if (await named(folder)) return posix.normalize(folder)
  const all = await Promise.all([...new Set(patterns)].map((pattern) => foldersLike(pattern, files)))
  for (const folder of all.flat().slice(0, most)) if (await named(folder)) return posix.normalize(folder)
  return undefined
}

/** The patterns in package.json and pnpm-workspace.yaml. */
async function patternsOf({ text }: Files): Promise<string[]> {
  const { workspaces } = parsedJson(await text('package.json'))
  const read = lenientValue(await text('pnpm-workspace.yaml'))
  const pnpm = 'value' in read && isRecord(read.value) ? read.value.packages : []
  const listed = isRecord(workspaces) ? workspaces.packages : workspaces
  const all = [listed, pnpm].flatMap((list): unknown[] => (Array.isArray(list) ? list : []))
  return all.filter((each) => typeof each === 'string' && !each.startsWith('!')).map(String)
}

async function foldersLike(pattern: string, { folders }: Files): Promise<string[]> {
  const [fixed = '', more] = pattern.split(/\/?\*/)
  if (more === undefined) return [pattern]
  const inside = async (folder: string) =>
    (await folders(folder)).filter((name) => /^[@\w.-]+$/.test(name)).map((name) => posix.join(folder, name))
  const first = await inside(fixed === '' ? '.' : fixed)
  if (!pattern.includes('**')) return first
  return [...first, ...(await Promise.all(first.slice(0, most).map(inside))).flat()]
}

/** The text of a package.json as a value; empty if it cannot be read. Pure. */
export function parsedJson(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : {}
  } catch {
    return {}
  }
}
