import { isRecord } from '../../lib/record.ts'
import { nodeWatches, type Program, type Reload, watcherIn } from './program.ts'

/** How a script of package.json takes up changed files: by itself, with Node's watch mode, or as its script `dev`. */
export async function scriptReload(program: Program, words: readonly string[]): Promise<Reload | undefined> {
  const [manager = 'npm', ...rest] = words
  const wanted = rest.filter((word) => !word.startsWith('-') && word !== 'run')[0]
  const manifest = parsed(await program.text('package.json'))
  const scripts = isRecord(manifest.scripts) ? manifest.scripts : {}
  // With a workspace chosen, the script is that of another package.json.
  if (wanted === undefined || rest.some((word) => /^(-w|--workspace|--prefix|-F|--filter|--cwd)/.test(word)))
    return undefined
  const script = String(scripts[wanted] ?? '')
  const watches = watcherIn(script)
  if (watches !== undefined) return { reason: `${manager} ${wanted} starts ${watches}, which reloads on changes.` }
  const plain = /^node ((?:[\w./-]+\/)?[\w.-]+\.(?:c|m)?js)$/.exec(script.trim())?.[1]
  if (plain !== undefined && nodeWatches(program.base) && !/^(\.\/)?(dist|build|out)\//.test(plain)) {
    return { command: ['node', '--watch', plain], reason: 'node --watch restarts on changes.' }
  }
  const tool = watcherIn(String(scripts.dev ?? ''))
  if (tool === undefined || !isInstalled(tool.split(' ')[0] ?? '', manifest, program)) return undefined
  return { command: [manager, 'run', 'dev'], reason: `${manager} run dev starts ${tool}, which reloads on changes.` }
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
