import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { resolveConfig } from '../../../src/config/resolve.ts'
import { configSchema } from '../../../src/config/schema.ts'
import type { CliContext } from '../../../src/context.ts'
import type { Progress } from '../../../src/terminal/progress.ts'
import { provideCharts, usesCharts } from '../../../src/up/charts.ts'
import { fakeHelm, folderWith, ok } from '../manifests/charts/support.ts'

const dependent = 'name: app\ndependencies: [{name: redis, version: ^1, repository: "https://example.com"}]'

async function project(
  deploy: object,
  { yes = false, answer, presets = [] }: { yes?: boolean; answer?: string; presets?: object[] } = {},
) {
  const root = await folderWith({ 'app/Chart.yaml': dependent })
  const helm = fakeHelm({ redis: { '1.2.3': 'a' } })
  const runner = {
    ...helm.runner,
    run: async (...[command, args, options]: Parameters<typeof helm.runner.run>) => {
      if (args[0] !== 'dependency') return helm.runner.run(command, args, options)
      helm.calls.push(args.join(' ').replaceAll(root, '.'))
      return ok()
    },
  }
  const stdin = new PassThrough()
  if (answer !== undefined) stdin.end(`${answer}\n`)
  const ctx = {
    runner,
    yes,
    isTTY: answer !== undefined,
    stdin,
    stderr: new PassThrough(),
    env: {},
    paths: {
      charts: join(root, 'cache'),
      allowed: { folder: join(root, 'allowed'), keyFile: join(root, 'digest-key') },
    },
    signal: AbortSignal.timeout(5000),
  } as unknown as CliContext
  const notes: string[] = []
  const progress = {
    async step(_title: string, run: (say: () => void) => Promise<{ value: unknown; note: string }>) {
      const { value, note } = await run(() => {})
      notes.push(note)
      return value
    },
  } as unknown as Progress
  const config = resolveConfig(
    configSchema.parse({ name: 'p', deploy, presets }),
    join(root, 'platform.config.yaml'),
    root,
  )
  return { root, provide: () => provideCharts(ctx, config, progress), calls: helm.calls, notes }
}

const remote = { helm: [{ name: 'cache', chart: 'redis', repo: 'https://example.com', version: '^1' }] }
const local = { helm: [{ name: 'app', chart: 'app' }] }

test('a chart that the configuration names is fetched without a question, once', async () => {
  const { root, provide, calls, notes } = await project(remote)
  await provide()
  expect(notes).toEqual(['cache; commit devk.lock'])
  expect(await readFile(join(root, 'devk.lock'), 'utf8')).toContain('version: 1.2.3')
  const before = calls.length
  await provide()
  expect([calls.length, notes.length]).toEqual([before, 1])
})

test.each([
  ['without a terminal', {}],
  ['after a no', { answer: 'n' }],
])('%s nothing is written into a chart of the project; the command is told', async (_, how) => {
  const { provide, calls } = await project(local, how)
  await expect(provide()).rejects.toMatchObject({
    code: 'CHART_MISSING',
    details: ['app needs redis'],
    hint: expect.stringContaining('helm dependency build app'),
  })
  expect(calls).toEqual([])
})

test.each([
  ['--yes', { yes: true }],
  ['a yes', { answer: 'y' }],
])('with %s the dependencies of a chart are built', async (_, how) => {
  const { provide, calls, notes } = await project(local, how)
  await provide()
  expect(calls).toEqual(['dependency build ./app'])
  expect(notes).toEqual(['redis'])
})

test('a kustomization whose charts kustomize would fetch asks as well', async () => {
  const { root, provide } = await project({ kustomize: 'app' })
  await writeFile(join(root, 'app/kustomization.yaml'), 'helmCharts: [{name: db, repo: https://example.com}]')
  await expect(provide()).rejects.toMatchObject({
    details: ['app needs db'],
    hint: expect.stringContaining('kubectl kustomize --enable-helm app'),
  })
})

test('charts ask the cluster: those of releases, and those that a base of a kustomization inflates', async () => {
  const root = await folderWith({
    'plain/kustomization.yaml': 'resources: []',
    'charts/kustomization.yaml': 'resources: [../base]',
    'base/kustomization.yaml': 'helmCharts: [{name: db}]',
    'broken/kustomization.yaml': 'a: [',
  })
  const uses = (deploy: object) =>
    usesCharts(resolveConfig(configSchema.parse({ name: 'p', deploy }), join(root, 'platform.config.yaml'), root))
  expect(await uses({})).toBe(false)
  expect(await uses({ kustomize: ['plain', 'broken', 'missing'] })).toBe(false)
  expect(await uses({ kustomize: ['plain', 'charts'] })).toBe(true)
  expect(await uses({ helm: [{ name: 'web', chart: 'web' }] })).toBe(true)
})

const preset = [{ chart: 'redis', repo: 'https://example.com', version: '^1' }]

test('the chart of a preset is fetched with consent only, which is remembered', async () => {
  const refused = await project({}, { presets: preset })
  await expect(refused.provide()).rejects.toMatchObject({
    code: 'CONFIG_UNTRUSTED',
    details: ['redis of https://example.com', 'Nothing was fetched.'],
  })
  expect(refused.calls).toEqual([])
  const agreed = await project({}, { presets: preset, answer: 'y' })
  await agreed.provide()
  expect(agreed.notes).toEqual(['redis; commit devk.lock'])
  await rm(join(agreed.root, 'cache'), { recursive: true })
  await agreed.provide()
  expect(agreed.notes).toEqual(['redis; commit devk.lock', 'redis'])
})
