import { relative } from 'node:path'
import { DevkError } from '../errors.ts'
import type { Runner, RunResult } from '../exec/runner.ts'
import { markGenerated } from './helm/generated.ts'
import { hookOf } from './helm/hooks.ts'
import { requireTargets } from './kustomize-check.ts'
import { kustomizationsBelow } from './kustomize-tree.ts'
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
    if (/helm.*executable file not found/s.test(result.stderr)) {
      throw new DevkError('TOOL_MISSING', `helm is not installed, but helmCharts in ${name} need it`, {
        hint: 'Install helm 3 or newer.',
      })
    }
    throw new DevkError('MANIFEST_INVALID', `kustomize could not render ${name}`, {
      details: output,
      hint: `Run it on its own: kubectl kustomize --enable-helm ${name}`,
    })
  }
  const rendered = read(result, name)
  const again = (await hasCharts(folder)) ? await build(folder, root, deps, signal) : undefined
  const objects = again?.exitCode === 0 ? markGenerated(rendered, read(again, name)) : rendered
  await requireTargets(folder, root, objects, async (other) => {
    const copy = await build(other, root, deps, signal)
    return copy.exitCode === 0 ? read(copy, name) : undefined
  })
  return objects
}

function read({ stdout }: RunResult, name: string): RenderedObject[] {
  const objects = toObjects(parseYaml(stdout, `${name} (kustomize)`), `${name} (kustomize)`, false)
  // kustomize does not know which hooks of a chart are for the deletion of a release.
  return objects.filter(({ object }) => hookOf(object)?.events.length !== 0)
}

/** Whether a kustomization or one of its bases inflates charts, which may generate values. */
async function hasCharts(folder: string): Promise<boolean> {
  const all = await kustomizationsBelow(folder)
  return all.some(
    ({ content }) => content.helmCharts !== undefined || content.helmChartInflationGenerator !== undefined,
  )
}

async function build(folder: string, root: string, deps: KustomizeDeps, signal: AbortSignal): Promise<RunResult> {
  // Overlays often use files of sibling folders, which kustomize refuses by default.
  // Charts of `helmCharts` are inflated by helm, which only they need.
  const lax = ['--load-restrictor', 'LoadRestrictionsNone', '--enable-helm']
  const result = await deps.runner.run(deps.kubectl, ['kustomize', folder, ...lax], { signal, cwd: root })
  if (result.exitCode !== 127) return result
  return deps.runner.run('kustomize', ['build', folder, ...lax], { signal, cwd: root })
}
