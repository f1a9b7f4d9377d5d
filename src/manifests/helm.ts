import { relative } from 'node:path'
import type { Config } from '../config/schema.ts'
import { DevkError } from '../errors.ts'
import type { Runner } from '../exec/runner.ts'
import { hookOf } from './helm-hooks.ts'
import { type RenderedObject, toObjects } from './rendered.ts'
import { parseYaml } from './yaml.ts'

/** A Helm release as the configuration writes it. */
export type HelmRelease = Config['deploy']['helm'][number]

/** Where a release is rendered. */
export interface HelmTarget {
  /** Folder of the configuration. */
  readonly root: string
  /** Namespace of a release that has none of its own. */
  readonly namespace: string
}

/**
 * Renders a release with `helm template`. Omits hooks for other moments than install and upgrade: a hook for the
 * deletion of a release, for example, often deletes data. Throws TOOL_MISSING when helm is not installed, and
 * MANIFEST_INVALID with the output of helm when it fails.
 */
export async function helmTemplate(
  release: HelmRelease,
  { root, namespace }: HelmTarget,
  runner: Runner,
  signal: AbortSignal,
): Promise<RenderedObject[]> {
  const name = `${relative(root, release.chart) || '.'} (helm)`
  const target = release.namespace ?? namespace
  const result = await runner.run('helm', helmArgs(release, target), { signal, cwd: root })
  if (result.exitCode === 127) {
    throw new DevkError('TOOL_MISSING', `helm is not installed, but release ${release.name} needs it`, {
      hint: 'Install helm 3 or newer, or deploy plain manifests or a kustomization instead.',
    })
  }
  if (result.exitCode !== 0) {
    throw new DevkError('MANIFEST_INVALID', `helm could not render release ${release.name}`, {
      details: result.stderr.split('\n').filter((line) => line !== ''),
      hint: `Run it on its own: helm template ${release.name} ${relative(root, release.chart)}`,
    })
  }
  return toObjects(parseYaml(result.stdout, name), name, false).filter(
    ({ object }) => hookOf(object)?.events.length !== 0,
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
