import { lstat, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DevkError } from '../../errors.ts'
import type { Runner } from '../../exec/runner.ts'
import { isRecord } from '../../lib/record.ts'
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
    const results = join(work, 'results.json')
    const said: string[] = []
    const onLine = rawJsonReader(progress.add, (line) => said.push(line))
    const { exitCode } = await buildx.runner.run('docker', bakeArguments(results), {
      env: environment(buildx),
      needs: Object.values(request.secrets).flatMap((secret) => secret.env ?? []),
      fetches: true,
      input: JSON.stringify(bakeFile(request, await dockerfileFor(build, work))),
      onLine,
      signal,
    })
    if (exitCode !== 0) throw progress.failure(said.findLast((line) => line.startsWith('ERROR')) ?? said.at(-1) ?? '')
    return imageId(await readFile(results, 'utf8'))
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

const target = 'image'

/**
 * The command line of a build. What is built comes from the input: every user of the machine can read arguments, and
 * variables of the environment with the names of build arguments would be settings of docker itself.
 */
function bakeArguments(results: string): string[] {
  const options = ['--builder', 'default', '--progress', 'rawjson', '--load', '--provenance', 'false']
  return ['buildx', 'bake', ...options, '--metadata-file', results, '--file', '-', target]
}

/** The build as a file of `docker buildx bake`: https://docs.docker.com/build/bake/reference/. Pure. */
export function bakeFile(request: BuildRequest, dockerfile: string): unknown {
  const secrets = Object.entries(request.secrets).map(([id, { file, env }]) =>
    env === undefined ? `id=${id},src=${file ?? ''}` : `id=${id},env=${env}`,
  )
  const bundle = request.caCertificates === undefined ? [] : [`id=devk-ca,src=${request.caCertificates}`]
  const definition = {
    context: request.context,
    dockerfile,
    args: request.args,
    contexts: request.contexts,
    labels: request.labels,
    tags: [request.tag],
    ssh: request.ssh,
    secret: [...secrets, ...bundle].map(quoteCsv),
    'cache-from': request.cacheFrom,
    ...(request.target === undefined ? {} : { target: request.target }),
    ...(request.platform === undefined ? {} : { platforms: [request.platform] }),
    ...(request.noCache ? { 'no-cache': true } : {}),
  }
  return { target: { [target]: literal(definition) } }
}

/** Bake evaluates `${` and `%{` in all strings and names; doubled, the first characters stand for themselves. */
function literal(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(/[$%](?=\{)/g, '$&$&')
  if (Array.isArray(value)) return value.map(literal)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [literal(key), literal(each)]))
}

/** The ID of the image in the results of bake, as `docker buildx build --iidfile` chooses it. */
function imageId(results: string): string {
  const { [target]: found } = JSON.parse(results) as Record<string, Record<string, string> | undefined>
  return found?.['containerimage.config.digest'] ?? found?.['containerimage.digest'] ?? ''
}

/** buildx reads the value as a CSV record, so fields with a quote or a comma must be quoted. */
function quoteCsv(value: string): string {
  const [id = '', ...source] = value.split(/,(?=src=|env=)/)
  return [id, ...source].map((field) => (/[",]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')
}

/**
 * The user's Dockerfile, or a copy of it next to a copy of its ignore file: with a CA bundle, which the copy passes to
 * each RUN, and for a link, which BuildKit does not follow out of its folder.
 */
async function dockerfileFor({ request, ignore, dockerfile }: PreparedBuild, work: string): Promise<string> {
  const isLink = (await lstat(request.dockerfile)).isSymbolicLink()
  if (request.caCertificates === undefined && !isLink) return request.dockerfile
  const file = join(work, 'Dockerfile')
  await writeFile(file, request.caCertificates === undefined ? dockerfile : withCertificates(dockerfile))
  if (ignore.file !== undefined) await writeFile(`${file}.dockerignore`, await readFile(ignore.file))
  return file
}

function environment({ host }: Buildx): Record<string, string | undefined> {
  return {
    DOCKER_HOST: host,
    DOCKER_CONTEXT: undefined,
    BUILDX_BUILDER: undefined,
    BUILDX_EXPERIMENTAL: undefined,
    BUILDX_BAKE_FILE: undefined,
    // devk has asked for what lies outside of the repository. Newer versions of bake would ask for it again.
    BUILDX_BAKE_ENTITLEMENTS_FS: '0',
  }
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
