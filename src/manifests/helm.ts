import { relative } from 'node:path'
import type { Config } from '../config/schema.ts'
import { DevkError } from '../errors.ts'
import type { Runner } from '../exec/runner.ts'
import { isRecord, type RenderedObject, toObjects } from './rendered.ts'
import { parseYaml } from './yaml.ts'

export type HelmRelease = Config['deploy']['helm'][number]

/**
 * Objects of a chart, by `helm template`. Test hooks are left out; other hooks are objects like any other.
 * Throws TOOL_MISSING without helm, and MANIFEST_INVALID with helm's own words.
 */
export async function helmTemplate(
  release: HelmRelease,
  root: string,
  namespace: string,
  runner: Runner,
  signal: AbortSignal,
): Promise<RenderedObject[]> {
  const name = `${relative(root, release.chart) || '.'} (helm)`
  const target = release.namespace ?? namespace
  const result = await runner.run('helm', helmArgs(release, target), { signal, cwd: root })
  if (result.exitCode === 127) {
    throw new DevkError('TOOL_MISSING', `helm is not installed, and release ${release.name} needs it`, {
      hint: 'Install helm 3 or newer, or deploy plain manifests or a kustomization instead.',
    })
  }
  if (result.exitCode !== 0) {
    throw new DevkError('MANIFEST_INVALID', `helm could not render release ${release.name}`, {
      details: result.stderr.split('\n').filter((line) => line !== ''),
      hint: `Try it alone: helm template ${release.name} ${relative(root, release.chart)}`,
    })
  }
  return toObjects(parseYaml(result.stdout, name), name, false).filter(
    ({ object }) => !isTest(object.metadata.annotations),
  )
}

function helmArgs(release: HelmRelease, namespace: string): string[] {
  return [
    'template',
    release.name,
    release.chart,
    ...['--namespace', namespace, '--include-crds'],
    ...release.values.flatMap((file) => ['--values', file]),
    ...Object.entries(release.set).flatMap(([key, value]) => ['--set', `${key}=${value}`]),
  ]
}

function isTest(annotations: unknown): boolean {
  return isRecord(annotations) && /^test/.test(String(annotations['helm.sh/hook'] ?? ''))
}
