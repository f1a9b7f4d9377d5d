import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { RunResult } from '../../../../src/exec/runner.ts'
import { fetchInflated } from '../../../../src/manifests/kustomize/kustomize.ts'
import { fakeRunner, lax, map, missing, ok, render, signal } from '../render-support.ts'

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
