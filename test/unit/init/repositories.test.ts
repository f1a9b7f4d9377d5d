import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { ConfigInput } from '../../../src/config/schema.ts'
import type { Runner } from '../../../src/exec/runner.ts'
import { analyze } from '../../../src/init/analyze.ts'
import { choicesOf } from '../../../src/init/choices.ts'
import { scan } from '../../../src/scan/scan.ts'
import { broken } from '../../repositories/broken.ts'
import { building } from '../../repositories/building.ts'
import { chosen } from '../../repositories/chosen.ts'
import { declaring } from '../../repositories/declaring.ts'
import { deploying } from '../../repositories/deploying.ts'
import { developing } from '../../repositories/developing.ts'
import { matching } from '../../repositories/matching.ts'
import type { Repository } from '../../repositories/repository.ts'
import { syncing } from '../../repositories/syncing.ts'
import { workspaced } from '../../repositories/workspaces.ts'

/** A machine without kubectl and helm. */
const noPrograms = {
  run: async () => ({ exitCode: 127, stdout: '', stderr: 'not found' }),
} as unknown as Runner

async function analyzed({ files, name = 'shop', flags = {} }: Repository) {
  const parent = mkdtempSync(join(tmpdir(), 'devk-init-'))
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }))
  const root = join(parent, name)
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  const deps = { runner: noPrograms, kubectl: '/missing/kubectl', charts: join(root, 'charts') }
  const plain = /^[a-z-]+$/.test(name) ? name : 'project'
  const place = { root, name: plain, deps, signal: AbortSignal.timeout(10_000) }
  const understood = await analyze(await choicesOf(root, await scan(root), flags), place)
  if (understood === undefined) throw new Error('nothing was found')
  return understood.proposal
}

/** By service, its Dockerfile, with `#stage`, or its workload. */
function builtFrom({ services = {} }: ConfigInput): Record<string, string> {
  const texts = Object.entries(services).map(([name, { build, workload }]) => {
    if (build === undefined) return [name, workload ?? ''] as const
    const { context, dockerfile = 'Dockerfile', target } = build
    return [name, `${join(context, dockerfile)}${target === undefined ? '' : `#${target}`}`] as const
  })
  return Object.fromEntries(texts)
}

test.each([
  ...broken,
  ...building,
  ...matching,
  ...deploying,
  ...chosen,
  ...declaring,
  ...developing,
  ...syncing,
  ...workspaced,
])('$about', async (repository) => {
  const { config, notes } = await analyzed(repository)
  if (repository.deploy !== undefined) expect(config.deploy).toMatchObject(repository.deploy)
  if (repository.services !== undefined) expect(builtFrom(config)).toEqual(repository.services)
  expect(config).toMatchObject(repository.config ?? {})
  if (repository.live !== undefined) {
    const { built = 'web/Dockerfile', ...live } = repository.live
    const { sync, rebuild, command, args, env } = config.services?.web ?? {}
    expect({ sync, rebuild, command, args, env, built: builtFrom(config).web }).toEqual({ ...live, built })
  }
  const wanted = repository.notes ?? []
  expect(notes).toEqual(wanted.map((pattern) => expect.stringMatching(pattern)))
})

test.each([
  [{ manifests: ['web'] }, '--manifests: web has no Kubernetes manifests'],
  [{ kustomize: ['web'] }, '--kustomize: web has no kustomization.yaml'],
  [{ chart: ['web'] }, '--chart: web has no Chart.yaml'],
  [{ values: ['no.yaml'] }, '--values: no.yaml does not exist'],
  [{ from: ['helmfile'] }, '--from: devk does not know the tool "helmfile"'],
  [{ from: ['tilt'] }, '--from: no file of tilt says anything about this repository'],
  [{ image: ['web'] }, '--image: "web" is not NAME=DOCKERFILE'],
  [{ image: ['web=no/Dockerfile'] }, '--image: no/Dockerfile cannot be read'],
])('flags that name nothing are refused: %j', async (flags, message) => {
  const files = {
    'web/Dockerfile': 'FROM node\n',
    'k8s/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n',
  }
  await expect(analyzed({ about: '', files, flags })).rejects.toMatchObject({ code: 'USAGE', message })
})
