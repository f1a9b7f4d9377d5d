import { relative } from 'node:path'
import { DevkError } from '../errors.ts'
import type { Runner, RunResult } from '../exec/runner.ts'
import { requireTargets } from './kustomize-check.ts'
import { type RenderedObject, toObjects } from './rendered.ts'
import { parseYaml } from './yaml.ts'

/** The programs that render kustomizations. */
export interface KustomizeDeps {
  readonly runner: Runner
  /** Path of kubectl, which includes kustomize. */
  readonly kubectl: string
}

/**
 * Renders the kustomization in a folder. Throws MANIFEST_INVALID with the output of kustomize when it fails, and for a
 * patch whose target selects nothing. Throws TOOL_MISSING when neither kubectl nor kustomize starts.
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
    const output = result.stderr.split('\n').filter((line) => line !== '' && !line.startsWith('# Warning'))
    throw new DevkError('MANIFEST_INVALID', `kustomize could not render ${name}`, {
      details: output,
      hint: `Run it on its own: kubectl kustomize ${name}`,
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
  // Overlays often use files of sibling folders, which kustomize refuses by default.
  const lax = ['--load-restrictor', 'LoadRestrictionsNone']
  const result = await deps.runner.run(deps.kubectl, ['kustomize', folder, ...lax], { signal, cwd: root })
  if (result.exitCode !== 127) return result
  return deps.runner.run('kustomize', ['build', folder, ...lax], { signal, cwd: root })
}
