import { expect, test } from 'vitest'
import { lax, map, missing, ok, render } from '../render-support.ts'

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

test('helm gets the version and the APIs of the cluster, and the definitions of the project', async () => {
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
