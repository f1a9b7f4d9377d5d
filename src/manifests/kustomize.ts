import { relative } from 'node:path'
import { DevkError } from '../errors.ts'
import type { Runner } from '../exec/runner.ts'
import { type RenderedObject, toObjects } from './rendered.ts'
import { parseYaml } from './yaml.ts'

export interface KustomizeDeps {
  readonly runner: Runner
  /** Path of kubectl, whose built-in kustomize is used when there is no `kustomize` of its own. */
  readonly kubectl: string
}

/**
 * Objects of a kustomization folder. Throws MANIFEST_INVALID with kustomize's own words, and TOOL_MISSING
 * when neither kustomize nor kubectl starts.
 */
export async function kustomize(
  folder: string,
  root: string,
  deps: KustomizeDeps,
  signal: AbortSignal,
): Promise<RenderedObject[]> {
  const name = relative(root, folder) || '.'
  // Overlays share files with their neighbours, which kustomize refuses by default; the tree is the user's own.
  const lax = ['--load-restrictor', 'LoadRestrictionsNone']
  let result = await deps.runner.run(deps.kubectl, ['kustomize', folder, ...lax], { signal, cwd: root })
  if (result.exitCode === 127)
    result = await deps.runner.run('kustomize', ['build', folder, ...lax], { signal, cwd: root })
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
  return toObjects(parseYaml(result.stdout, `${name} (kustomize)`), `${name} (kustomize)`, false)
}
