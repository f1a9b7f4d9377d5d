import { readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { isRemoteFile } from '../../config/preset-source.ts'
import type { PresetSource } from '../../config/schema-presets.ts'
import { DevkError } from '../../errors.ts'
import type { Runner } from '../../exec/runner.ts'
import type { Capabilities } from '../../kube/api.ts'
import { isFolder, isWithin } from '../../lib/paths.ts'
import { locatedReleases } from '../../manifests/charts/located.ts'
import { lockName, readLock } from '../../manifests/charts/lock.ts'
import { helmTemplate } from '../../manifests/helm/template.ts'
import { kustomize } from '../../manifests/kustomize/kustomize.ts'
import { kustomizationNames } from '../../manifests/kustomize/tree.ts'
import { plainManifests } from '../../manifests/plain.ts'
import { contentOf } from '../../manifests/remote/fetch.ts'
import { type RemoteSource, remoteSourcesOf, remoteText } from '../../manifests/remote/source.ts'
import { type RenderedObject, rejectDuplicates, toObjects } from '../../manifests/rendered.ts'
import { parseYaml } from '../../manifests/yaml.ts'
import type { Preset } from '../folder.ts'
import { releaseOf } from './spec.ts'

/** The programs that render presets from elsewhere, and what charts may ask. */
export interface SourceDeps {
  readonly runner: Runner
  /** Path of kubectl. */
  readonly kubectl: () => Promise<string>
  /** Folder of what was fetched. */
  readonly charts: string
  /** Folder of the configuration, with the lock. */
  readonly root: string
  readonly capabilities: () => Promise<Capabilities>
  /** Rejects unless the user has agreed to these addresses, which a kustomization of the project fetches. */
  readonly agreeToFetch: (addresses: readonly string[]) => Promise<void>
}

/**
 * The objects of a preset that the configuration describes itself. Fetches nothing that is not fetched yet: throws
 * CHART_MISSING. Throws MANIFEST_INVALID and TOOL_MISSING as rendering the project's own manifests does.
 */
export async function renderSource(preset: Preset, deps: SourceDeps, signal: AbortSignal): Promise<RenderedObject[]> {
  const objects = await rendered(preset, preset.from ?? { values: [], set: {}, needs: [] }, deps, signal)
  rejectDuplicates(objects)
  return objects
}

async function rendered(preset: Preset, source: PresetSource, deps: SourceDeps, signal: AbortSignal) {
  const { root, charts, runner } = deps
  const release = releaseOf(source)
  if (release !== undefined) {
    const [located] = await locatedReleases([release], root, charts)
    return located === undefined ? [] : template({ ...located }, preset, deps, signal)
  }
  if (source.git !== undefined) return fromTree(preset, source, deps, signal)
  if (source.kustomize !== undefined) {
    const { capabilities, agreeToFetch } = deps
    const kubectl = await deps.kubectl()
    return kustomize(source.kustomize, root, { runner, kubectl, capabilities, agreeToFetch }, signal)
  }
  const files = (source.manifests ?? []).map(async (file) => {
    if (!isRemoteFile(file)) return plainManifests([file], root)
    const path = await fetched(preset, { from: 'url', address: file }, deps)
    return toObjects(parseYaml(await readFile(path, 'utf8'), file), file, true)
  })
  return (await Promise.all(files)).flat()
}

async function template(
  release: Parameters<typeof helmTemplate>[0],
  { namespace }: Preset,
  { root, runner, capabilities }: SourceDeps,
  signal: AbortSignal,
): Promise<RenderedObject[]> {
  return helmTemplate(release, { root, namespace, capabilities: await capabilities() }, runner, signal)
}

/** What lies in the folder of a Git repository: a kustomization, a chart, or manifests. */
async function fromTree(preset: Preset, source: PresetSource, deps: SourceDeps, signal: AbortSignal) {
  const [remote] = remoteSourcesOf(source)
  const tree = await realpath(await fetched(preset, remote ?? { from: 'git', address: '' }, deps))
  const folder = await realpath(join(tree, source.path ?? '.')).catch(() => undefined)
  if (folder === undefined || !isWithin(folder, tree) || !(await isFolder(folder))) {
    throw new DevkError('MANIFEST_INVALID', `${source.git} has no folder ${source.path}`, {
      hint: `Correct path of the preset ${preset.name}, or its ref.`,
    })
  }
  const has = async (names: readonly string[]) => {
    const found = await Promise.all(names.map((name) => realpath(join(folder, name)).catch(() => undefined)))
    return found.some((path) => path !== undefined && isWithin(path, tree))
  }
  const { runner, capabilities } = deps
  if (await has(kustomizationNames)) {
    const kubectl = await deps.kubectl()
    const agreeToFetch = (addresses: readonly string[]) => refuseMore(preset, addresses)
    return kustomize(folder, tree, { runner, kubectl, capabilities, agreeToFetch, repository: tree }, signal)
  }
  if (await has(['Chart.yaml'])) {
    const { name, namespace } = preset
    const { values, set } = source
    return template({ name, namespace, values, set, chart: folder, path: folder }, preset, deps, signal)
  }
  return plainManifests([folder], tree)
}

/** Throws CONFIG_UNTRUSTED: what a repository takes from elsewhere is in no lock, and would need the network. */
async function refuseMore({ name }: Preset, addresses: readonly string[]): Promise<void> {
  throw new DevkError('CONFIG_UNTRUSTED', `The kustomization of the preset ${name} is not complete in its repository`, {
    details: [...addresses.map((address) => `it takes ${address}`), 'Nothing was fetched.'],
    hint: 'Use a folder of the repository that is complete, or render it once and keep the result in your repository.',
  })
}

/** The path of what was fetched. Throws CHART_MISSING. */
async function fetched({ name }: Preset, source: RemoteSource, { root, charts }: SourceDeps): Promise<string> {
  const path = await contentOf(await readLock(root), source, charts)
  if (path !== undefined) return path
  throw new DevkError('CHART_MISSING', `The preset ${name} was not fetched yet`, {
    details: [remoteText(source)],
    hint: `Fetch it: devk fetch. It notes the digest in ${lockName}. devk up fetches it too.`,
  })
}
