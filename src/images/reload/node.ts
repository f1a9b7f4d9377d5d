import { posix } from 'node:path'
import { isRecord } from '../../lib/record.ts'
import { scriptLine, scriptWords } from './command-line.ts'
import { nodeWatches, type Program, type Reload, watcherIn } from './program.ts'
import { folderOf, parsedJson } from './workspaces.ts'

/** A script of a package.json, and how it was reached. */
interface Script {
  /** The folder of the package, relative to the working folder of the container. */
  readonly place: string
  readonly manifest: Readonly<Record<string, unknown>>
  readonly text: string
  /** The command line with the script `dev` in its place. */
  readonly dev: readonly string[]
  /** The command line as people say it: `npm start`. */
  readonly shown: string
}

/** How a script of package.json takes up changed files: by itself, with Node's watch mode, or as its script `dev`. */
export async function scriptReload(program: Program, words: readonly string[]): Promise<Reload | undefined> {
  const script = await scriptOf(program, words)
  if (script === undefined) return undefined
  const { place, manifest, text, dev, shown } = script
  const watches = watcherIn(text)
  if (watches !== undefined) return { reason: `${shown} starts ${watches}, which reloads on changes.` }
  const plain = /^node ((?:[\w./-]+\/)?[\w.-]+\.(?:c|m)?js)$/.exec(text.trim())?.[1]
  if (plain !== undefined && nodeWatches(program.base) && !/^(\.\/)?(dist|build|out)\//.test(plain)) {
    const command =
      place === '.' ? ['node', '--watch', plain] : ['sh', '-c', `cd '${place}' && exec node --watch ${plain}`]
    return { command, reason: 'node --watch restarts on changes.' }
  }
  const tool = watcherIn(scriptText(manifest, 'dev'))
  if (tool === undefined || !isInstalled(tool.split(' ')[0] ?? '', manifest, program)) return undefined
  return { command: dev, reason: `${dev.join(' ')} starts ${tool}, which reloads on changes.` }
}

/** What a command line of npm, yarn, pnpm or turbo runs in the end; '' for others. */
export async function scriptTextOf(program: Program, words: readonly string[]): Promise<string> {
  return (await scriptOf(program, words))?.text ?? ''
}

/** Scripts that run others are followed so far. */
const deepest = 4

async function scriptOf(
  program: Program,
  words: readonly string[],
  base = '.',
  depth = 0,
): Promise<Script | undefined> {
  const { runner, workspace, flags, script } = scriptLine(words)
  const at = (file: string) => posix.join(base, file)
  const files = { text: (file: string) => program.text(at(file)), folders: (path: string) => program.folders(at(path)) }
  const isTurbo = runner.at(-1) === 'turbo'
  // Without a filter turbo runs the script of every package.
  if (script === undefined || (isTurbo && workspace === undefined)) return undefined
  const found = workspace === undefined ? '.' : await folderOf(workspace, files)
  if (found === undefined) return undefined
  const place = at(found)
  const manifest = parsedJson(await program.text(posix.join(place, 'package.json')))
  const text = scriptText(manifest, script)
  const inner = depth < deepest ? scriptWords(text) : undefined
  const last = inner === undefined ? undefined : await scriptOf(program, inner, place, depth + 1)
  if (last !== undefined && last.text !== '') return last
  const dev = isTurbo ? [...runner, 'run', 'dev', ...flags] : [...runner, ...flags, 'run', 'dev']
  const inBase = base === '.' ? dev : ['sh', '-c', `cd '${base}' && exec ${dev.join(' ')}`]
  return { place, manifest, text, dev: inBase, shown: `${runner.join(' ')} ${script}` }
}

function scriptText({ scripts }: Readonly<Record<string, unknown>>, name: string): string {
  return isRecord(scripts) && Object.hasOwn(scripts, name) ? String(scripts[name] ?? '') : ''
}

/** Whether the image has a program that package.json lists. */
function isInstalled(tool: string, manifest: Readonly<Record<string, unknown>>, { runs, env }: Program): boolean {
  const has = (key: string) =>
    isRecord(manifest[key]) && (tool in manifest[key] || (tool === 'nest' && '@nestjs/cli' in manifest[key]))
  if (tool === 'node' || has('dependencies')) return true
  const leavesOut = runs.some((run) => /--production|--omit[= ]dev|--only[= ]prod|--prod\b/.test(run))
  return has('devDependencies') && !leavesOut && env.NODE_ENV !== 'production'
}
