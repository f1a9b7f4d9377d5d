import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Runner, RunResult } from '../../../src/exec/runner.ts'
import type { Capabilities } from '../../../src/kube/api.ts'
import { fetchInflated } from '../../../src/manifests/kustomize.ts'
import { renderManifests } from '../../../src/manifests/render.ts'

const ok = (stdout: string): RunResult => ({ exitCode: 0, stdout, stderr: '' })
const missing: RunResult = { exitCode: 127, stdout: '', stderr: 'ENOENT' }
const map = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n'

/** Answers each command line (with its input behind `<`) in turn; the last answer is given from then on. */
function fakeRunner(answers: Record<string, RunResult | RunResult[]>): Runner {
  const calls = new Map<string, number>()
  return {
    run: (command, args, { input } = {}) => {
      const line = [command, ...args, ...(input === undefined ? [] : ['<', String(input)])].join(' ')
      const list = [answers[line] ?? []].flat()
      const answer = list[Math.min(calls.get(line) ?? 0, list.length - 1)]
      calls.set(line, (calls.get(line) ?? 0) + 1)
      return answer ? Promise.resolve(answer) : Promise.reject(new Error(`unexpected: ${line}`))
    },
    spawn: () => {
      throw new Error('unexpected spawn')
    },
  }
}

const signal = new AbortController().signal
const render = (
  deploy: object,
  answers: Record<string, RunResult | RunResult[]>,
  {
    capabilities = { kubeVersion: undefined, apiVersions: [] },
    namespace,
  }: { capabilities?: Capabilities; namespace?: string } = {},
) =>
  renderManifests(
    {
      name: 'p',
      cluster: { namespace },
      root: '/p',
      deploy: { manifests: [], kustomize: [], helm: [], overlays: {}, images: [], ...deploy },
    },
    {
      runner: fakeRunner(answers),
      kubectl: '/bin/kubectl',
      charts: '/charts',
      capabilities: async () => capabilities,
    },
    signal,
  )

const lax = '--load-restrictor LoadRestrictionsNone --enable-helm'

test('kustomize runs in kubectl, or else as its own program', async () => {
  const kustomize = ['/p/k8s/dev']
  const origin = { file: 'k8s/dev (kustomize)', line: undefined }
  const rendered = [{ object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } }, origin }]
  expect(await render({ kustomize }, { [`/bin/kubectl kustomize /p/k8s/dev ${lax}`]: ok(map) })).toEqual(rendered)
  const fallback = {
    [`/bin/kubectl kustomize /p/k8s/dev ${lax}`]: missing,
    [`kustomize build /p/k8s/dev ${lax}`]: ok(map),
  }
  expect(await render({ kustomize }, fallback)).toEqual(rendered)
  const none = { ...fallback, [`kustomize build /p/k8s/dev ${lax}`]: missing }
  await expect(render({ kustomize }, none)).rejects.toMatchObject({ code: 'TOOL_MISSING' })
})

test('messages of kustomize reach the user, without deprecation warnings', async () => {
  const failed = { exitCode: 1, stdout: '', stderr: "# Warning: 'bases' is deprecated\nerror: no such file" }
  const rendering = render({ kustomize: ['/p/k'] }, { [`/bin/kubectl kustomize /p/k ${lax}`]: failed })
  await expect(rendering).rejects.toMatchObject({ code: 'MANIFEST_INVALID', details: ['error: no such file'] })
})

const helm = [{ name: 'web', chart: '/p/chart', namespace: 'shop', values: ['/p/v.yaml'], set: { a: '1' } }]
const template = 'helm template web /p/chart --namespace shop --include-crds --values /p/v.yaml --values - < {"a":"1"}'

test('objects of helm get the namespace of the release', async () => {
  const rendered = await render({ helm }, { [template]: ok(map) })
  expect(rendered.map(({ object, namespace }) => [object.metadata.name, namespace])).toEqual([['x', 'shop']])
})

test.each([
  ['pre-install', true],
  ['post-upgrade,post-delete', true],
  [' Pre-Upgrade , pre-rollback', true],
  ['pre-delete', false],
  ['post-delete, pre-delete', false],
  ['pre-rollback', false],
  ['post-rollback', false],
  ['test', false],
  ['test-success', false],
  ['post-rollback, test', false],
])('a hook for %s is among the objects: %s', async (moments, kept) => {
  const hook = map.replace('name: x', `name: hook, annotations: {'helm.sh/hook': '${moments}'}`)
  const rendered = await render({ helm }, { [template]: ok(`${map}---\n${hook}`) })
  expect(rendered.map(({ object }) => object.metadata.name)).toEqual(kept ? ['x', 'hook'] : ['x'])
})

test('a missing helm and one that fails are reported', async () => {
  await expect(render({ helm }, { [template]: missing })).rejects.toMatchObject({ code: 'TOOL_MISSING' })
  const failed = { exitCode: 1, stdout: '', stderr: 'Error: values do not meet the schema' }
  await expect(render({ helm }, { [template]: failed })).rejects.toMatchObject({
    code: 'MANIFEST_INVALID',
    details: ['Error: values do not meet the schema'],
  })
})

const plain = [{ name: 'web', chart: '/p/chart', namespace: undefined, values: [], set: {} }]
const inNamespace = (name: string) => `helm template web /p/chart --namespace ${name} --include-crds`
const created = (name: string) => ok(`apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`)

test('a release without a namespace is rendered for the one in which its objects land', async () => {
  const namespaceOf = async (...[deploy, answers, more]: Parameters<typeof render>) =>
    (await render(deploy, answers, more)).map(({ namespace }) => namespace).at(-1)
  expect(await namespaceOf({ helm: plain }, { [inNamespace('default')]: ok(map) })).toBe('default')
  const set = { helm: plain, namespace: 'todo' }
  expect(await namespaceOf(set, { [inNamespace('todo')]: ok(map) })).toBe('todo')
  const kustomized = { helm: plain, kustomize: ['/p/k'] }
  const kustomization = { [`/bin/kubectl kustomize /p/k ${lax}`]: created('made') }
  expect(await namespaceOf(kustomized, { ...kustomization, [inNamespace('made')]: ok(map) })).toBe('made')
  expect(await namespaceOf(set, { [inNamespace('ann-todo')]: ok(map) }, { namespace: 'ann-todo' })).toBe('ann-todo')
})

test('a release is rendered again when a chart creates the namespace of the project', async () => {
  const answers = { [inNamespace('default')]: created('own'), [inNamespace('own')]: ok(map.replace('x', 'z')) }
  const rendered = await render({ helm: plain }, answers)
  expect(rendered.map(({ object, namespace }) => [object.metadata.name, namespace])).toEqual([['z', 'own']])
})

test('helm is told the version and the APIs of the cluster, and the definitions of the project', async () => {
  const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec:
  group: example.com
  names: {kind: Thing}
  versions: [{name: v1, served: true}, {name: v1alpha1, served: false}]
`
  const line =
    `${inNamespace('default')} --kube-version v1.34.4 --api-versions apps/v1 --api-versions example.com/v1` +
    ' --api-versions example.com/v1/Thing'
  const answers = { [`/bin/kubectl kustomize /p/k ${lax}`]: ok(definition), [line]: ok(map) }
  const capabilities = { kubeVersion: 'v1.34.4', apiVersions: ['apps/v1'] }
  const rendered = await render({ helm: plain, kustomize: ['/p/k'] }, answers, { capabilities })
  expect(rendered.map(({ object }) => object.kind)).toEqual(['CustomResourceDefinition', 'ConfigMap'])
})

test('a field that differs between two renderings is marked as generated', async () => {
  const secret = (password: string) =>
    ok(`apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {user: ann, password: ${password}}\n`)
  const [found] = await render({ helm: plain }, { [inNamespace('default')]: [secret('aaa'), secret('bbb')] })
  expect(found?.generated).toEqual([{ path: ['stringData', 'password'], value: 'aaa', other: 'bbb' }])
})

test('dependencies that were not fetched: the hint is the command that fetches them', async () => {
  const stderr = 'Error: found in Chart.yaml, but missing in charts/ directory: common'
  const rendering = render({ helm: plain }, { [inNamespace('default')]: { exitCode: 1, stdout: '', stderr } })
  await expect(rendering).rejects.toMatchObject({
    code: 'MANIFEST_INVALID',
    hint: 'Fetch the dependencies of the chart: helm dependency build chart, or devk fetch',
  })
})

test('a chart of a kustomization: no hook for its deletion, and generated values are known', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'devk-charts-'))
  await writeFile(join(folder, 'kustomization.yaml'), 'helmCharts: [{name: one, releaseName: rel}]')
  const secret = (password: string) => `---
apiVersion: v1
kind: Secret
metadata: {name: s}
stringData: {password: ${password}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: wipe, annotations: {helm.sh/hook: pre-delete}}
`
  const answers = { [`/bin/kubectl kustomize ${folder} ${lax}`]: [ok(secret('aaa')), ok(secret('bbb'))] }
  const rendered = await render({ kustomize: [folder] }, answers)
  await rm(folder, { recursive: true })
  expect(rendered.map(({ object, generated }) => [object.metadata.name, generated?.length])).toEqual([['s', 1]])
})

/** Renders a kustomization with this content, and folders below it. */
async function kustomized(
  content: string,
  folders: string[],
  answers: (folder: string) => Parameters<typeof render>[1],
) {
  const folder = await mkdtemp(join(tmpdir(), 'devk-charts-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'kustomization.yaml'), content)
  for (const each of folders) await mkdir(join(folder, each), { recursive: true })
  const capabilities = { kubeVersion: 'v1.34.4', apiVersions: ['apps/v1', 'x/v1'] }
  return render({ kustomize: [folder] }, answers(folder), { capabilities })
}

const flags = '--helm-kube-version v1.34.4 --helm-api-versions apps/v1 --helm-api-versions x/v1'

test('charts of a kustomization get the version and the APIs of the cluster, from a kubectl that can pass them on', async () => {
  const local = 'helmCharts: [{name: one, releaseName: rel}]'
  const able = (folder: string) => ({ [`/bin/kubectl kustomize ${folder} ${lax} ${flags}`]: ok(map) })
  expect(await kustomized(local, [], able)).toHaveLength(1)
  const old = (folder: string) => ({
    [`/bin/kubectl kustomize ${folder} ${lax} ${flags}`]: {
      exitCode: 1,
      stdout: '',
      stderr: 'error: unknown flag: --helm-kube-version',
    },
    [`/bin/kubectl kustomize ${folder} ${lax}`]: ok(map),
  })
  expect(await kustomized(local, [], old)).toHaveLength(1)
  const without = (folder: string) => ({ [`/bin/kubectl kustomize ${folder} ${lax}`]: ok(map) })
  expect(await kustomized('resources: []', [], without)).toHaveLength(1)
})

test('a chart that kustomize would fetch while it renders is refused, and nothing is run', async () => {
  const remote = 'helmCharts: [{name: one, repo: https://charts.example.com, version: 1.2.3}]'
  const rendering = kustomized(remote, ['charts'], () => ({}))
  await expect(rendering).rejects.toMatchObject({
    code: 'CHART_MISSING',
    details: [expect.stringMatching(/^one is not in .*charts$/)],
    hint: expect.stringContaining('devk fetch, or kubectl kustomize --enable-helm'),
  })
  const there = (folder: string) => ({ [`/bin/kubectl kustomize ${folder} ${lax} ${flags}`]: ok(map) })
  expect(await kustomized(remote, ['charts/one-1.2.3/one'], there)).toHaveLength(1)
  expect(await kustomized(`${remote}\nhelmGlobals: {chartHome: own}`, ['own/one'], there)).toHaveLength(1)
})

test('kustomize itself fetches the charts of a kustomization, and its words reach the user', async () => {
  const fetch = (answer: RunResult) =>
    fetchInflated(
      '/p/k',
      '/p',
      { runner: fakeRunner({ [`/bin/kubectl kustomize /p/k ${lax}`]: answer }), kubectl: '/bin/kubectl' },
      signal,
    )
  await fetch(ok(map))
  const failing = fetch({ exitCode: 1, stdout: '', stderr: 'Error: no such host' })
  await expect(failing).rejects.toMatchObject({ code: 'MANIFEST_INVALID', details: ['Error: no such host'] })
})

test('a kustomization with charts needs helm', async () => {
  const stderr = 'Error: exec: "helm": executable file not found in $PATH'
  const rendering = render(
    { kustomize: ['/p/k'] },
    { [`/bin/kubectl kustomize /p/k ${lax}`]: { exitCode: 1, stdout: '', stderr } },
  )
  await expect(rendering).rejects.toMatchObject({ code: 'TOOL_MISSING', message: expect.stringContaining('helm') })
})
