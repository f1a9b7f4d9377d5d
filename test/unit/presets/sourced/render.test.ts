import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { resolveConfig } from '../../../../src/config/resolve.ts'
import { configSchema } from '../../../../src/config/schema.ts'
import { execaRunner, type Runner } from '../../../../src/exec/runner.ts'
import { fetchCharts } from '../../../../src/manifests/charts/fetch.ts'
import { builtInVersions } from '../../../../src/manifests/helm/built-in.ts'
import { fetchSources } from '../../../../src/manifests/remote/fetch.ts'
import { remoteSourcesOf } from '../../../../src/manifests/remote/source.ts'
import { readManifests } from '../../../../src/presets/manifests.ts'
import { renderPreset } from '../../../../src/presets/render.ts'
import { choosePresets } from '../../../../src/presets/resolve.ts'
import { renderSource } from '../../../../src/presets/sourced/render.ts'
import { releaseOf } from '../../../../src/presets/sourced/spec.ts'
import { gitServer } from '../../../support/git-server.ts'
import { fakeHelm, folderWith } from '../../manifests/charts/support.ts'

const busy = { timeout: 60_000 }

const map = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n`

/** The objects of a preset that a configuration describes. `rendered` is what helm and kubectl print. */
async function presetOf(entry: object, { files = {}, rendered = '', fetch = true } = {}) {
  const root = await folderWith({ 'c.yaml': '', ...files })
  const config = resolveConfig(configSchema.parse({ name: 'p', presets: [entry] }), join(root, 'c.yaml'), root)
  const calls: string[][] = []
  const real = execaRunner(process.env)
  const helm = fakeHelm({ mail: { '1.2.3': 'archive' } })
  const runner: Runner = {
    ...real,
    async run(command, args, options) {
      if (command === 'git') return real.run(command, args, options)
      if (args[0] === 'template' || args[0] === 'kustomize') {
        calls.push([command, ...args])
        return { exitCode: 0, stdout: rendered, stderr: '' }
      }
      return helm.runner.run(command, args, options)
    },
  }
  const signal = AbortSignal.timeout(60_000)
  const charts = join(root, 'cache')
  const [source] = config.presets
  if (typeof source !== 'object') throw new Error('no description')
  const release = releaseOf(source)
  const how = { runner, charts, signal, root, update: false }
  if (fetch) await fetchSources(remoteSourcesOf(source), how)
  if (fetch && release !== undefined) await fetchCharts([release], how)
  const chosen = await choosePresets(config, 'presets')
  const deps = {
    ...{ runner, charts, root, kubectl: async () => 'kubectl' },
    capabilities: async () => ({ kubeVersion: 'v1.34.0', apiVersions: builtInVersions }),
    agreeToFetch: async () => {},
  }
  const read = async () => {
    const manifests = await readManifests(chosen, (preset) => renderSource(preset, deps, signal))
    const [preset] = chosen
    if (preset === undefined) throw new Error('no preset')
    const context = { project: 'p', images: new Map<string, string>(), portNode: undefined }
    return renderPreset(preset, manifests.get(preset.name) ?? [], context)
  }
  return { preset: chosen[0], read, calls }
}

const names = (objects: Awaited<ReturnType<Awaited<ReturnType<typeof presetOf>>['read']>>) =>
  objects.map(({ object: { kind, metadata } }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`)

test('a chart is rendered from the archive in the cache, for its namespace, with the version of the lock', async () => {
  const hook = `${map('migrate').trimEnd().replace(' }', ', annotations: { helm.sh/hook: pre-install } }')}\n`
  const chart = { chart: 'mail', repo: 'https://charts.example.com', version: '^1', namespace: 'post' }
  const { preset, read, calls } = await presetOf(chart, { rendered: `${map('settings')}---\n${hook}` })
  expect(preset).toMatchObject({ name: 'mail', version: '1.2.3', namespace: 'post', builtIn: false })
  const objects = await read()
  expect(names(objects)).toEqual(['Namespace /post', 'ConfigMap post/settings', 'ConfigMap post/migrate'])
  expect(objects.map(({ release }) => release?.hook?.events)).toEqual([undefined, undefined, ['pre-install']])
  expect(calls[0]?.slice(0, 3)).toEqual(['helm', 'template', 'mail'])
  expect(calls[0]?.join(' ')).toMatch(/cache\/[0-9a-f]{64}\.tgz --namespace post --include-crds/)
})

test('what was not fetched is an error with the command, and nothing is fetched', async () => {
  const chart = await presetOf({ chart: 'oci://example.com/mail' }, { fetch: false })
  expect(chart.preset?.version).toBe('not fetched')
  await expect(chart.read()).rejects.toMatchObject({
    code: 'CHART_MISSING',
    hint: expect.stringContaining('devk fetch'),
  })
  const file = await presetOf({ manifests: 'https://example.com/install.yaml' }, { fetch: false })
  await expect(file.read()).rejects.toMatchObject({
    code: 'CHART_MISSING',
    details: ['https://example.com/install.yaml'],
  })
})

test('manifests of the project keep their own namespaces; the one of the preset exists only if it is used', async () => {
  const own = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: flux }\n'
  const files = { 'flux.yaml': `${own}---\n${map('a').replace('{ name', '{ namespace: flux, name')}` }
  const { read } = await presetOf({ manifests: './flux.yaml', name: 'operator' }, { files })
  expect(names(await read())).toEqual(['Namespace /flux', 'ConfigMap flux/a'])
  const other = await presetOf({ manifests: './flux.yaml' }, { files: { 'flux.yaml': `${own}---\n${map('a')}` } })
  expect(names(await other.read())).toEqual(['Namespace /flux', 'ConfigMap flux/a'])
})

test('the folder of a Git repository: manifests, a kustomization or a chart', busy, async () => {
  const server = await gitServer({
    'plain/a.yaml': map('a'),
    'dev/kustomization.yaml': 'resources: [../plain/a.yaml]\n',
    'chart/Chart.yaml': 'name: c\nversion: 1.0.0\n',
  })
  onTestFinished(() => server.close())
  const plain = await presetOf({ git: server.url, ref: 'main', path: 'plain' })
  expect(plain.preset?.version).toMatch(/^main \([0-9a-f]{12}\)$/)
  expect(names(await plain.read())).toEqual(['Namespace /plain', 'ConfigMap plain/a'])
  const dev = await presetOf({ git: server.url, path: 'dev' }, { rendered: map('b') })
  expect(names(await dev.read())).toEqual(['Namespace /dev', 'ConfigMap dev/b'])
  expect(dev.calls[0]?.slice(0, 2)).toEqual(['kubectl', 'kustomize'])
  const chart = await presetOf({ git: server.url, path: 'chart', set: { a: 1 } }, { rendered: map('c') })
  expect(names(await chart.read())).toEqual(['Namespace /chart', 'ConfigMap chart/c'])
  expect(chart.calls[0]?.slice(0, 3)).toEqual(['helm', 'template', 'chart'])
  const none = await presetOf({ git: server.url, path: 'none' })
  await expect(none.read()).rejects.toThrow('has no folder none')
})

test(
  'a kustomization of a repository that reaches out of it, or takes more from elsewhere, is refused',
  busy,
  async () => {
    const server = await gitServer({
      'out/kustomization.yaml': 'resources: [../../../devk.lock]\n',
      'more/kustomization.yaml': 'resources: ["https://example.com/base?ref=v1"]\n',
    })
    onTestFinished(() => server.close())
    const out = await presetOf({ git: server.url, path: 'out' })
    await expect(out.read()).rejects.toThrow('reaches out of its repository')
    const more = await presetOf({ git: server.url, path: 'more' })
    await expect(more.read()).rejects.toMatchObject({
      code: 'CONFIG_UNTRUSTED',
      details: ['it takes https://example.com/base?ref=v1', 'Nothing was fetched.'],
    })
    expect([...out.calls, ...more.calls]).toEqual([])
  },
)
