import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DevkError } from '../../errors.ts'
import type { Runner } from '../../exec/runner.ts'
import { inRange } from '../../lib/version.ts'
import { withCertificates } from './dockerfile-certificates.ts'
import type { BuildRequest, PreparedBuild } from './request.ts'
import { rawJsonReader } from './solve-status.ts'

/** Runs `docker buildx` against the engine at `host` (in the form of DOCKER_HOST). */
export interface Buildx {
  readonly runner: Runner
  readonly host: string
}

/**
 * Builds with `docker buildx` and returns the image id. Throws BUILD_FAILED, DISK_FULL, or TOOL_MISSING without buildx
 * 0.13 or newer.
 */
export async function buildxBuild(buildx: Buildx, build: PreparedBuild, signal: AbortSignal): Promise<string> {
  const { request, progress } = build
  await requireBuildx(buildx, signal)
  const work = await mkdtemp(join(tmpdir(), 'devk-build-'))
  try {
    const idFile = join(work, 'image-id')
    const file = await dockerfileFor(build, work)
    const said: string[] = []
    const onLine = rawJsonReader(progress.add, (line) => said.push(line))
    const args = ['buildx', 'build', ...buildxArguments(request, file, idFile)]
    const { exitCode } = await buildx.runner.run('docker', args, {
      env: environment(buildx),
      needs: Object.values(request.secrets).flatMap((secret) => secret.env ?? []),
      fetches: true,
      onLine,
      signal,
    })
    if (exitCode !== 0) throw progress.failure(said.findLast((line) => line.startsWith('ERROR')) ?? said.at(-1) ?? '')
    return (await readFile(idFile, 'utf8')).trim()
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** The command line of a build, after `docker buildx build`. */
export function buildxArguments(request: BuildRequest, dockerfile: string, idFile: string): string[] {
  const each = (flag: string, values: readonly string[]) => values.flatMap((value) => [flag, value])
  const pairs = (record: Readonly<Record<string, string>>) =>
    Object.entries(record).map(([key, value]) => `${key}=${value}`)
  const secrets = Object.entries(request.secrets).map(([id, { file, env }]) =>
    env === undefined ? `id=${id},src=${file ?? ''}` : `id=${id},env=${env}`,
  )
  const bundle = request.caCertificates === undefined ? [] : [`id=devk-ca,src=${request.caCertificates}`]
  return [
    ...['--builder', 'default', '--progress', 'rawjson', '--load', '--provenance', 'false'],
    ...['--iidfile', idFile, '--tag', request.tag, '--file', dockerfile],
    ...each('--build-arg', pairs(request.args)),
    ...each('--build-context', pairs(request.contexts)),
    ...each('--ssh', request.ssh),
    ...each('--label', pairs(request.labels)),
    ...each('--secret', [...secrets, ...bundle].map(quoteCsv)),
    ...each('--cache-from', request.cacheFrom),
    ...(request.target === undefined ? [] : ['--target', request.target]),
    ...(request.platform === undefined ? [] : ['--platform', request.platform]),
    ...(request.noCache ? ['--no-cache'] : []),
    request.context,
  ]
}

/** buildx reads the value as a CSV record, so fields with a quote or a comma must be quoted. */
function quoteCsv(value: string): string {
  const [id = '', ...source] = value.split(/,(?=src=|env=)/)
  return [id, ...source].map((field) => (/[",]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')
}

/**
 * The user's Dockerfile, or, with a CA bundle, a copy that passes the bundle to each RUN, next to a copy of its ignore
 * file.
 */
async function dockerfileFor({ request, ignore, dockerfile }: PreparedBuild, work: string): Promise<string> {
  if (request.caCertificates === undefined) return request.dockerfile
  const file = join(work, 'Dockerfile')
  await writeFile(file, withCertificates(dockerfile))
  if (ignore.file !== undefined) await writeFile(`${file}.dockerignore`, await readFile(ignore.file))
  return file
}

function environment({ host }: Buildx): Record<string, string | undefined> {
  return { DOCKER_HOST: host, DOCKER_CONTEXT: undefined, BUILDX_BUILDER: undefined, BUILDX_EXPERIMENTAL: undefined }
}

async function requireBuildx(buildx: Buildx, signal: AbortSignal): Promise<void> {
  const { exitCode, stdout } = await buildx.runner.run('docker', ['buildx', 'version'], {
    env: environment(buildx),
    signal,
  })
  if (exitCode === 0 && inRange(stdout, '>=0.13')) return
  const found = exitCode === 0 ? `${stdout.trim()} is too old` : 'docker buildx is not installed'
  throw new DevkError('TOOL_MISSING', `This build needs docker buildx 0.13 or newer: ${found}`, {
    hint: 'Install docker-buildx or docker-buildx-plugin. Secrets, a CA bundle, ssh and more contexts need it.',
  })
}
