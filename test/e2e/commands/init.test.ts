/** devk init in copies of the examples. Needs no cluster. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../../src/config/load.ts'
import type { LoadedConfig } from '../../../src/config/schema.ts'
import { execaRunner } from '../../../src/exec/runner.ts'
import { rolesOf } from '../../../src/manifests/owner.ts'
import { renderManifests } from '../../../src/manifests/render.ts'
import { type Devk, devkIn, repository } from '../support/devk.ts'
import { findKubectl } from '../support/tools.ts'

const runner = execaRunner(process.env)

/** An empty folder of this name, and a devk in it; both are removed after the test. */
async function emptyFolder(name = 'shop'): Promise<{ folder: string; devk: Devk }> {
  const parent = await mkdtemp(join(tmpdir(), 'devk-e2e-init-'))
  const folder = join(parent, name)
  await mkdir(folder)
  const devk = await devkIn(folder)
  onTestFinished(async () => {
    await devk.dispose()
    await rm(parent, { recursive: true, force: true })
  })
  return { folder, devk }
}

/** The workloads that run an image of the project, each with its Dockerfile: `Deployment/todo-backend backend/Dockerfile`. */
async function builtWorkloads(config: LoadedConfig, folder: string): Promise<string[]> {
  const deps = { runner, kubectl: await findKubectl(), charts: join(folder, 'charts') }
  const rendered = await renderManifests(config, deps, AbortSignal.timeout(60_000))
  const found = rendered.flatMap(({ object }) =>
    rolesOf(object, config.services).flatMap(({ service }) => {
      const dockerfile = config.services[service]?.build?.dockerfile
      const name = `${object.kind}/${object.metadata.name}`
      return dockerfile === undefined ? [] : [`${name} ${relative(folder, dockerfile)}`]
    }),
  )
  return [...new Set(found)].sort()
}

/** The examples, each with what init finds beyond the configuration of the example. */
const examples = [
  ['todo', []],
  ['hustlex', []],
  // The configuration of the example has the second colour in a profile; init takes all manifests.
  ['marimo-erp', ['Deployment/api-gateway-green services/Dockerfile']],
  ['agentic-startup-studio', []],
  ['screenshot-algo', []],
] as const

test.each(examples)(
  'init writes a configuration for %s that builds the same images as its own configuration',
  async (name, found) => {
    const source = join(repository, 'examples', name)
    const { folder, devk } = await emptyFolder(name)
    await cp(source, folder, { recursive: true, filter: (path) => !/platform\.config\.ts$|node_modules/.test(path) })
    const { exitCode, stdout, stderr } = await devk.run(['init', '--yes', '--json'])
    expect(exitCode, stderr).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ file: join(folder, 'platform.config.ts'), config: { name } })

    const written = await loadConfig({ cwd: folder, env: {}, agree: async () => {} })
    const original = await loadConfig({ cwd: source, env: {}, agree: async () => {} })
    expect(await builtWorkloads(written, folder)).toEqual(
      [...(await builtWorkloads(original, source)), ...found].sort(),
    )
    expect(written.deploy.kustomize.map((path) => relative(folder, path))).toEqual(
      original.deploy.kustomize.map((path) => relative(source, path)),
    )

    const before = await readFile(join(folder, 'platform.config.ts'), 'utf8')
    const again = await devk.run(['init', '--yes'])
    expect([again.exitCode, await readFile(join(folder, 'platform.config.ts'), 'utf8')]).toEqual([2, before])
    const plan = await devk.run(['plan', '--json'])
    expect(JSON.parse(plan.stdout).changes.length, plan.stderr).toBeGreaterThan(5)
  },
)

test('init fails in a folder without manifests, and writes nothing', async () => {
  const { folder, devk } = await emptyFolder()
  const { exitCode, stderr } = await devk.run(['init', '--yes'])
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('No Kubernetes manifests found in')])
  await expect(readFile(join(folder, 'platform.config.ts'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('on a terminal init shows the configuration and asks; the answer no writes nothing', async () => {
  const { folder, devk } = await emptyFolder()
  await writeFile(join(folder, 'map.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\n')
  const running = devk.start(['init'], { columns: 80 })
  await running.waitFor(/Write this to platform\.config\.ts\?/)
  expect(running.output()).toContain("manifests: '.'")
  running.type('n\r')
  expect((await running.finished).exitCode).toBe(0)
  await expect(readFile(join(folder, 'platform.config.ts'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('before devk has a kubectl, init and plan render with one that is too old for its clusters', async () => {
  const { folder, devk } = await emptyFolder()
  const map = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: rendered }\n'
  const program = [
    '#!/bin/sh',
    `case "$1" in`,
    `version) echo '{"clientVersion":{"major":"1","minor":"32","gitVersion":"v1.32.4"},"kustomizeVersion":"v5.5.0"}';;`,
    `kustomize) printf '%s' '${map}';;`,
    'esac',
  ]
  await mkdir(join(folder, '..', 'bin'))
  await writeFile(join(folder, '..', 'bin/kubectl'), `${program.join('\n')}\n`, { mode: 0o755 })
  await writeFile(join(folder, 'kustomization.yaml'), 'resources: [map.yaml]\n')
  await writeFile(join(folder, 'map.yaml'), map)
  const env = { PATH: `${join(folder, '..', 'bin')}:${process.env.PATH}`, XDG_CACHE_HOME: join(folder, '..', 'cache') }
  const init = await devk.run(['init', '--yes', '--json'], { env })
  expect([JSON.parse(init.stdout).notes, init.exitCode]).toEqual([[], 0])
  const plan = await devk.run(['plan', '--json'], { env })
  expect([plan.stderr, plan.exitCode]).toEqual([expect.not.stringContaining('TOOL_MISSING'), 0])
  expect(plan.stdout).toContain('rendered')
})
