import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { isRemoteChart } from '../../config/chart-source.ts'
import { DevkError } from '../../errors.ts'
import type { Runner, RunResult } from '../../exec/runner.ts'
import { isRecord } from '../../lib/record.ts'
import { mappingIn } from '../yaml.ts'
import type { HelmRelease } from './source.ts'

/** A chart of the project whose dependencies are not in its folder `charts`. */
export interface UnbuiltChart {
  readonly folder: string
  /** Names of the dependencies that are missing. */
  readonly missing: readonly string[]
}

/**
 * The charts of the project without their dependencies, each after the charts that it contains: helm packs a `file://`
 * dependency as it is, and does not look for the dependencies of that one.
 */
export async function unbuiltCharts(releases: readonly HelmRelease[]): Promise<UnbuiltChart[]> {
  const found = new Map<string, UnbuiltChart>()
  const seen = new Set<string>()
  const visit = async (folder: string): Promise<void> => {
    if (seen.has(folder)) return
    seen.add(folder)
    const dependencies = await dependenciesOf(folder)
    const vendored = await vendoredIn(join(folder, 'charts'))
    const missing = dependencies.filter(({ name }) => !vendored(name))
    for (const each of localFolders(folder, missing)) await visit(each)
    if (missing.length > 0) found.set(folder, { folder, missing: missing.map(({ name }) => name) })
  }
  for (const release of releases) if (!isRemoteChart(release)) await visit(release.chart)
  return [...found.values()]
}

/** The folders that a chart names as `file://` dependencies, and which helm packs into it. */
export async function localDependencies(folder: string): Promise<string[]> {
  return localFolders(folder, await dependenciesOf(folder))
}

function localFolders(folder: string, dependencies: readonly Dependency[]): string[] {
  const local = dependencies.filter(({ repository }) => repository.startsWith('file://'))
  return local.map(({ repository }) => resolve(folder, repository.slice('file://'.length)))
}

/** What building dependencies needs. */
export interface BuildDeps {
  readonly runner: Runner
  readonly signal: AbortSignal
}

/**
 * Fetches the dependencies of a chart into its folder, in the versions of its Chart.lock. Throws TOOL_MISSING, and
 * CHART_MISSING with the output of helm.
 */
export async function buildDependencies({ folder, missing }: UnbuiltChart, deps: BuildDeps): Promise<void> {
  const build = (...more: string[]) =>
    deps.runner.run('helm', ['dependency', 'build', folder, ...more], { signal: deps.signal, fetches: true })
  let result = await build()
  // With a Chart.lock, helm fetches only from repositories that were added to it.
  if (/no repository definition for/.test(result.stderr)) {
    result = await withRepositories(await dependenciesOf(folder), deps, (file) => build('--repository-config', file))
  }
  if (result.exitCode === 0) return
  if (result.exitCode === 127) {
    throw new DevkError('TOOL_MISSING', `helm is not installed, but the dependencies of ${folder} need it`, {
      hint: 'Install helm 3.8 or newer.',
    })
  }
  throw new DevkError('CHART_MISSING', `helm could not build the dependencies of ${folder}: ${missing.join(', ')}`, {
    details: result.stderr.split('\n').filter((line) => line !== ''),
    hint: `Run it on its own: helm dependency build ${folder}`,
  })
}

interface Dependency {
  readonly name: string
  readonly repository: string
}

/** The dependencies that a chart names; [] for an archive, and for a chart that cannot be read: helm reports it. */
async function dependenciesOf(folder: string): Promise<Dependency[]> {
  const files = await Promise.all(['Chart.yaml', 'requirements.yaml'].map((name) => mappingIn(join(folder, name))))
  return files
    .flatMap(({ dependencies }) => (Array.isArray(dependencies) ? dependencies.filter(isRecord) : []))
    .map(({ name, repository }) => ({ name: String(name), repository: String(repository ?? '') }))
}

/** Whether a chart of a name lies in a folder, as a folder of any name or as an archive. */
async function vendoredIn(folder: string): Promise<(name: string) => boolean> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const charts = await Promise.all(entries.map((entry) => mappingIn(join(folder, entry.name, 'Chart.yaml'))))
  const names = new Set(charts.map(({ name }) => name))
  return (name) =>
    names.has(name) ||
    entries.some(({ name: file }) => file.startsWith(`${name}-`) && /^v?\d.*\.tgz$/.test(file.slice(name.length + 1)))
}

/** Runs helm with the user's list of repositories and those of the dependencies, which the list then lacks no more. */
async function withRepositories(
  dependencies: readonly Dependency[],
  { runner, signal }: BuildDeps,
  run: (file: string) => Promise<RunResult>,
): Promise<RunResult> {
  const work = await mkdtemp(join(tmpdir(), 'devk-helm-'))
  try {
    const file = join(work, 'repositories.yaml')
    const { stdout: users } = await runner.run('helm', ['env', 'HELM_REPOSITORY_CONFIG'], { signal })
    await copyFile(users.trim(), file).catch(() => {})
    const listed = await readFile(file, 'utf8').catch(() => '')
    const urls = new Set(dependencies.map(({ repository }) => repository).filter((url) => /^https?:/.test(url)))
    for (const [i, url] of [...urls].entries()) {
      if (listed.includes(url)) continue
      const add = ['repo', 'add', `devk-${i}`, url, '--repository-config', file]
      const added = await runner.run('helm', add, { signal, fetches: true })
      if (added.exitCode !== 0) return added
    }
    return await run(file)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
