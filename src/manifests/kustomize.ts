import { relative } from 'node:path'
import { DevkError } from '../errors.ts'
import type { Runner, RunResult } from '../exec/runner.ts'
import { requireTargets } from './kustomize-check.ts'
import { type RenderedObject, toObjects } from './rendered.ts'
import { parseYaml } from './yaml.ts'

export interface KustomizeDeps {
  readonly runner: Runner
  /** Path of kubectl, whose built-in kustomize is used when there is no `kustomize` of its own. */
  readonly kubectl: string
}

/**
 * Objects of a kustomization folder. Throws MANIFEST_INVALID with kustomize's own words or for a patch without a target,
 * and TOOL_MISSING when neither kustomize nor kubectl starts.
 */
export async function kustomize(
  folder: string,
  root: string,
  deps: KustomizeDeps,
  signal: AbortSignal,
): Promise<RenderedObject[]> {
  const name = relative(root, folder) || '.'
  const result = await build(folder, root, deps, signal)
  if (result.exitCode === 127) {
    throw new DevkError('TOOL_MISSING', `Neither kubectl nor kustomize could be started to render ${name}`, {
      hint: 'Run devk doctor --fix, which installs kubectl.',
    })
  }
  if (result.exitCode !== 0) {
    const words = result.stderr.split('\n').filter((line) => line !== '' && !line.startsWith('# Warning'))
    throw new DevkError('MANIFEST_INVALID', `kustomize could not render ${name}`, {
      details: words,
      hint: `Try it alone: kubectl kustomize ${name}`,
    })
  }
  const objects = read(result, name)
  await requireTargets(folder, root, objects, async (other) => {
    const rendered = await build(other, root, deps, signal)
    return rendered.exitCode === 0 ? read(rendered, name) : undefined
  })
  return objects
}

function read({ stdout }: RunResult, name: string): RenderedObject[] {
  return toObjects(parseYaml(stdout, `${name} (kustomize)`), `${name} (kustomize)`, false)
}

async function build(folder: string, root: string, deps: KustomizeDeps, signal: AbortSignal): Promise<RunResult> {
  // Overlays share files with their neighbours, which kustomize refuses by default; the tree is the user's own.
  const lax = ['--load-restrictor', 'LoadRestrictionsNone']
  const result = await deps.runner.run(deps.kubectl, ['kustomize', folder, ...lax], { signal, cwd: root })
  if (result.exitCode !== 127) return result
  return deps.runner.run('kustomize', ['build', folder, ...lax], { signal, cwd: root })
}
