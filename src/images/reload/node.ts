import { posix } from 'node:path'
import { isRecord } from '../../lib/record.ts'
import { nodeWatches, type Program, type Reload, watcherIn } from './program.ts'

/** How a script of package.json takes up changed files: by itself, with Node's watch mode, or as its script `dev`. */
export async function scriptReload(program: Program, words: readonly string[]): Promise<Reload | undefined> {
  const [manager = 'npm', ...rest] = words
  const { workspace, flags, names } = chosenIn(rest)
  const [wanted] = names
  const place = workspace === undefined ? '.' : await folderOf(workspace, program)
  if (wanted === undefined || place === undefined) return undefined
  const manifest = parsed(await program.text(posix.join(place, 'package.json')))
  const scripts = isRecord(manifest.scripts) ? manifest.scripts : {}
  const script = String(scripts[wanted] ?? '')
  const watches = watcherIn(script)
  if (watches !== undefined) return { reason: `${manager} ${wanted} starts ${watches}, which reloads on changes.` }
  const plain = /^node ((?:[\w./-]+\/)?[\w.-]+\.(?:c|m)?js)$/.exec(script.trim())?.[1]
  if (plain !== undefined && nodeWatches(program.base) && !/^(\.\/)?(dist|build|out)\//.test(plain)) {
    const command =
      place === '.' ? ['node', '--watch', plain] : ['sh', '-c', `cd '${place}' && exec node --watch ${plain}`]
    return { command, reason: 'node --watch restarts on changes.' }
  }
  const tool = watcherIn(String(scripts.dev ?? ''))
  if (tool === undefined || !isInstalled(tool.split(' ')[0] ?? '', manifest, program)) return undefined
  const command = [manager, ...flags, 'run', 'dev']
  return { command, reason: `${command.join(' ')} starts ${tool}, which reloads on changes.` }
}

/** The workspace that a command line chooses, the words by which it does, and the other words. */
function chosenIn(rest: readonly string[]): { workspace: string | undefined; flags: string[]; names: string[] } {
  const flags: string[] = []
  const names: string[] = []
  let workspace: string | undefined
  for (let i = 0; i < rest.length; i++) {
    const [, name = '', value] =
      /^(-w|-F|--workspace|--prefix|--filter|--cwd|--dir|-C)(?:=(.*))?$/.exec(rest[i] ?? '') ?? []
    const isYarn = rest[i] === 'workspace'
    if (name !== '' || isYarn) {
      flags.push(rest[i] ?? '')
      if (value === undefined) flags.push(rest[++i] ?? '')
      workspace = value ?? rest[i]
    } else if (rest[i] === '--') break
    else if (!rest[i]?.startsWith('-') && rest[i] !== 'run') names.push(rest[i] ?? '')
  }
  return { workspace, flags, names }
}

/** The folder of a workspace that is named by its package or its path; undefined if it is not found. */
async function folderOf(workspace: string, { text }: Program): Promise<string | undefined> {
  if (!/^[@\w./-]+$/.test(workspace)) return undefined
  const { workspaces } = parsed(await text('package.json'))
  const listed = isRecord(workspaces) ? workspaces.packages : workspaces
  const patterns = [...(Array.isArray(listed) ? listed : []), 'packages/*', 'apps/*', 'services/*'].map(String)
  const last = posix.basename(workspace)
  for (const folder of [workspace, ...patterns.map((pattern) => pattern.replace(/\*+.*$/, last))]) {
    const manifest = await text(posix.join(folder, 'package.json'))
    if (manifest !== '' && (folder === workspace || parsed(manifest).name === workspace)) return posix.normalize(folder)
  }
  return undefined
}

/** Whether the image has a program that package.json lists. */
function isInstalled(tool: string, manifest: Readonly<Record<string, unknown>>, { runs, env }: Program): boolean {
  const has = (key: string) =>
    isRecord(manifest[key]) && (tool in manifest[key] || (tool === 'nest' && '@nestjs/cli' in manifest[key]))
  if (tool === 'node' || has('dependencies')) return true
  const leavesOut = runs.some((run) => /--production|--omit[= ]dev|--only[= ]prod|--prod\b/.test(run))
  return has('devDependencies') && !leavesOut && env.NODE_ENV !== 'production'
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : {}
  } catch {
    return {}
  }
}
