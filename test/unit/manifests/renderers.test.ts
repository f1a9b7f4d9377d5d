import { expect, test } from 'vitest'
import type { Runner, RunResult } from '../../../src/exec/runner.ts'
import { renderManifests } from '../../../src/manifests/render.ts'

const ok = (stdout: string): RunResult => ({ exitCode: 0, stdout, stderr: '' })
const missing: RunResult = { exitCode: 127, stdout: '', stderr: 'ENOENT' }
const map = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n'

function fakeRunner(answers: Record<string, RunResult>): Runner {
  return {
    run: (command, args) => {
      const answer = answers[[command, ...args].join(' ')]
      return answer ? Promise.resolve(answer) : Promise.reject(new Error(`unexpected: ${[command, ...args].join(' ')}`))
    },
    spawn: () => {
      throw new Error('unexpected spawn')
    },
  }
}

const signal = new AbortController().signal
const render = (deploy: object, answers: Record<string, RunResult>) =>
  renderManifests(
    { root: '/p', deploy: { manifests: [], kustomize: [], helm: [], overlays: {}, ...deploy } },
    { runner: fakeRunner(answers), kubectl: '/bin/kubectl' },
    signal,
  )

const lax = '--load-restrictor LoadRestrictionsNone'

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
const template = 'helm template web /p/chart --namespace shop --include-crds --values /p/v.yaml --set a=1'

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
