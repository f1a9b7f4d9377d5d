import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ChartSource } from '../../config/chart-source.ts'
import { DevkError } from '../../errors.ts'
import type { Runner, RunResult } from '../../exec/runner.ts'
import { isRecord } from '../../lib/record.ts'
import { parseYaml } from '../yaml.ts'
import type { LockedChart } from './lock.ts'
import { sourceText } from './source.ts'
import { archivePath, digestOf } from './store.ts'

/** What fetching needs. */
export interface PullDeps {
  readonly runner: Runner
  /** Folder of fetched charts, in devk's cache. */
  readonly charts: string
  readonly signal: AbortSignal
}

/**
 * Fetches one version of a chart with helm, and so with the user's credentials, proxies and certificates; without
 * `version` the newest that the configuration allows. `accept` throws for an archive that must not be stored. Throws
 * TOOL_MISSING, and CHART_MISSING with the output of helm.
 */
export async function pullChart(
  source: ChartSource,
  version: string | undefined,
  accept: (found: LockedChart) => void,
  deps: PullDeps,
): Promise<LockedChart> {
  await mkdir(deps.charts, { recursive: true, mode: 0o700 })
  const work = await mkdtemp(join(deps.charts, 'pull-'))
  try {
    await pull(source, version ?? source.version, work, deps)
    const [name] = (await readdir(work)).filter((file) => file.endsWith('.tgz'))
    if (name === undefined) throw failure(source, { exitCode: 1, stdout: '', stderr: 'helm has stored no archive' })
    const archive = join(work, name)
    const digest = digestOf(await readFile(archive))
    const found = { source, version: await versionOf(source, archive, deps), digest }
    accept(found)
    await rename(archive, archivePath(deps.charts, digest))
    return found
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function pull(source: ChartSource, version: string | undefined, folder: string, deps: PullDeps): Promise<void> {
  const { repo, chart } = source
  const options = ['--destination', folder]
  // A URL is one version.
  if (version !== undefined && !/^https?:/.test(chart)) options.unshift(`--version=${version}`)
  if (repo === undefined) return void (await helm(source, ['pull', chart, ...options], deps))
  if (repo.startsWith('oci:')) {
    return void (await helm(source, ['pull', `${repo.replace(/\/+$/, '')}/${chart}`, ...options], deps))
  }
  const added = await addedAs(repo, deps)
  if (added === undefined) return void (await helm(source, ['pull', chart, `--repo=${repo}`, ...options], deps))
  // helm sends the credentials of a repository only if it is called by its name.
  await helm(source, ['repo', 'update', added], deps)
  await helm(source, ['pull', `${added}/${chart}`, ...options], deps)
}

/** The name under which the user has added a repository to helm. */
async function addedAs(repo: string, { runner, signal }: PullDeps): Promise<string | undefined> {
  const { exitCode, stdout } = await runner.run('helm', ['repo', 'list', '--output', 'json'], { signal })
  if (exitCode !== 0) return undefined
  const [list] = parseYaml(stdout, 'helm repo list')
  const plain = (url: unknown) => String(url).replace(/\/+$/, '')
  const entries = Array.isArray(list?.value) ? list.value.filter(isRecord) : []
  const found = entries.find(({ url }) => plain(url) === plain(repo))
  return typeof found?.name === 'string' ? found.name : undefined
}

async function versionOf(source: ChartSource, archive: string, deps: PullDeps): Promise<string> {
  const { stdout } = await helm(source, ['show', 'chart', archive], deps)
  const [chart] = parseYaml(stdout, sourceText(source))
  return isRecord(chart?.value) ? String(chart.value.version) : ''
}

async function helm(source: ChartSource, args: readonly string[], { runner, signal }: PullDeps): Promise<RunResult> {
  const result = await runner.run('helm', args, { signal, fetches: true })
  if (result.exitCode !== 0) throw failure(source, result)
  return result
}

function failure(source: ChartSource, { exitCode, stderr }: RunResult): DevkError {
  const what = sourceText(source)
  if (exitCode === 127) {
    return new DevkError('TOOL_MISSING', `helm is not installed, but fetching ${what} needs it`, {
      hint: 'Install helm 3.8 or newer.',
    })
  }
  return new DevkError('CHART_MISSING', `helm could not fetch the chart ${what}`, {
    details: stderr.split('\n').filter((line) => line !== ''),
    hint: 'Check name, version and connection. Credentials: helm registry login HOST, or helm repo add NAME URL.',
  })
}
