import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { ConfigInput } from '../../../src/config/schema.ts'
import type { Runner } from '../../../src/exec/runner.ts'
import { analyze } from '../../../src/init/analyze.ts'
import { scan } from '../../../src/init/scan/scan.ts'
import { broken } from '../../repositories/broken.ts'
import { deploying } from '../../repositories/deploying.ts'
import { matching } from '../../repositories/matching.ts'
import type { Repository } from '../../repositories/repository.ts'

/** A machine without kubectl and helm. */
const noPrograms = {
  run: async () => ({ exitCode: 127, stdout: '', stderr: 'not found' }),
} as unknown as Runner

async function analyzed({ files, name = 'shop' }: Repository) {
  const parent = mkdtempSync(join(tmpdir(), 'devk-init-'))
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }))
  const root = join(parent, name)
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  const deps = { runner: noPrograms, kubectl: '/missing/kubectl', charts: join(root, 'charts') }
  const wanted = { manifests: [], kustomize: [], charts: [], values: [] }
  const plain = /^[a-z-]+$/.test(name) ? name : 'project'
  const place = { root, name: plain, deps, signal: AbortSignal.timeout(10_000) }
  const proposal = await analyze(await scan(root), wanted, place)
  if (proposal === undefined) throw new Error('nothing was found')
  return proposal
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

test.each([...broken, ...matching, ...deploying])('$about', async (repository) => {
  const { config, notes } = await analyzed(repository)
  if (repository.deploy !== undefined) expect(config.deploy).toMatchObject(repository.deploy)
  if (repository.services !== undefined) expect(builtFrom(config)).toEqual(repository.services)
  expect(config).toMatchObject(repository.config ?? {})
  const wanted = repository.notes ?? []
  expect(notes).toEqual(wanted.map((pattern) => expect.stringMatching(pattern)))
})
