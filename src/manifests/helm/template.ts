import { relative } from 'node:path'
import { isRemoteChart } from '../../config/chart-source.ts'
import { DevkError } from '../../errors.ts'
import type { Runner, RunResult } from '../../exec/runner.ts'
import type { Capabilities } from '../../kube/api.ts'
import type { LocatedRelease } from '../charts/located.ts'
import { sourceText } from '../charts/source.ts'
import { type RenderedObject, toObjects } from '../rendered.ts'
import { parseYaml } from '../yaml.ts'
import { markGenerated } from './generated.ts'
import { hookOf } from './hooks.ts'
import { renderedTwice, useClock } from './moment.ts'
import { setValues, withTextFiles } from './values.ts'

/** Where a release is rendered, and for what. */
export interface HelmTarget {
  /** Folder of the configuration. */
  readonly root: string
  /** The namespace that the release is installed in. */
  readonly namespace: string
  /** What the chart may ask of the cluster. */
  readonly capabilities: Capabilities
}

/**
 * Renders a release with `helm template`, as Helm would install it in that namespace of that cluster. Omits hooks for
 * other moments than install and upgrade: a hook for the deletion of a release, for example, often deletes data.
 * Renders twice, which shows the values that the chart generates (`randAlphaNum`, `genCA`, `now`). Throws TOOL_MISSING
 * when helm is not installed, and MANIFEST_INVALID with the output of helm when it fails.
 */
export async function helmTemplate(
  release: LocatedRelease,
  target: HelmTarget,
  runner: Runner,
  signal: AbortSignal,
): Promise<RenderedObject[]> {
  const chart = isRemoteChart(release) ? sourceText(release) : relative(target.root, release.path) || '.'
  const name = `${chart} (helm)`
  const { file, args, texts } = setValues(release.set)
  const input = file === undefined ? {} : { input: file }
  const run = async (env: Readonly<Record<string, string>>) => {
    const result = await withTextFiles(texts, (more) =>
      runner.run('helm', [...helmArgs(release, target, file), ...args, ...more], {
        signal,
        cwd: target.root,
        env,
        ...input,
      }),
    )
    if (result.exitCode !== 0) throw failure(release, target, result)
    const objects = toObjects(parseYaml(result.stdout, name), name, false)
    return objects.filter(({ object }) => hookOf(object)?.events.length !== 0)
  }
  const [first, second] = await renderedTwice(await useClock([release.path, ...release.values]), run)
  return markGenerated(first, second).map((entry) => {
    const hook = hookOf(entry.object)
    const part = { name: `${target.namespace}/${release.name}`, ...(hook === undefined ? {} : { hook }) }
    return { ...entry, namespace: target.namespace, release: part }
  })
}

function helmArgs(
  release: LocatedRelease,
  { namespace, capabilities: { kubeVersion, apiVersions } }: HelmTarget,
  file: string | undefined,
): string[] {
  return [
    'template',
    release.name,
    release.path,
    ...['--namespace', namespace, '--include-crds'],
    ...(kubeVersion === undefined ? [] : ['--kube-version', kubeVersion]),
    ...apiVersions.flatMap((version) => ['--api-versions', version]),
    ...release.values.flatMap((path) => ['--values', path]),
    ...(file === undefined ? [] : ['--values', '-']),
  ]
}

function failure(release: LocatedRelease, { root }: HelmTarget, { exitCode, stderr }: RunResult): DevkError {
  if (exitCode === 127) {
    return new DevkError('TOOL_MISSING', `helm is not installed, but release ${release.name} needs it`, {
      hint: 'Install helm 3 or newer, or deploy plain manifests or a kustomization instead.',
    })
  }
  const chart = isRemoteChart(release) ? release.path : relative(root, release.path) || '.'
  const missing = /missing in charts\/ directory/.test(stderr)
  return new DevkError('MANIFEST_INVALID', `helm could not render release ${release.name}`, {
    details: stderr.split('\n').filter((line) => line !== ''),
    hint: missing
      ? `Fetch the dependencies of the chart: helm dependency build ${chart}, or devk fetch`
      : `Run it on its own: helm template ${release.name} ${chart}`,
  })
}
