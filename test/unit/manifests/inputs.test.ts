import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { renderInputs } from '../../../src/manifests/inputs.ts'

const root = mkdtempSync(join(tmpdir(), 'devk-inputs-'))
afterAll(() => rmSync(root, { recursive: true }))
const at = (path: string) => join(root, path)
function put(path: string, text = ''): void {
  mkdirSync(dirname(at(path)), { recursive: true })
  writeFileSync(at(path), text)
}
const none = { manifests: [], kustomize: [], helm: [] }

test('a kustomization is made from the files that it names, in its bases and components too', async () => {
  put(
    'k8s/dev/kustomization.yaml',
    `namePrefix: web
resources: [../base, extra.yaml, 'https://example.com/x?ref=1']
components: [../components/labels]
configMapGenerator: [{ name: c, envs: [../config/dev.env], files: [conf=../config/app.conf] }]
patches: [{ path: patch.yaml }, { patch: "- op: add" }]
`,
  )
  put('k8s/base/kustomization.yml', 'resources: [web.yaml]\n')
  put('k8s/components/labels/kustomization.yaml', 'kind: Component\n')
  put('k8s/base/web.yaml')
  put('k8s/dev/web/index.html')
  const { reads, roots } = await renderInputs({ ...none, kustomize: [at('k8s/dev')] }, [])
  const expected = [
    'k8s/dev/kustomization.yaml',
    'k8s/base/kustomization.yml',
    'k8s/base/web.yaml',
    'k8s/dev/extra.yaml',
    'k8s/components/labels/kustomization.yaml',
    'k8s/config/dev.env',
    'k8s/config/app.conf',
    'k8s/dev/patch.yaml',
  ]
  expect(roots.toSorted()).toEqual(expected.map(at).sort())
  expect(expected.every((path) => reads(at(path)))).toBe(true)
  expect(
    ['k8s/dev/notes.md', 'k8s/base/other.yaml', 'k8s/dev/web/index.html'].filter((path) => reads(at(path))),
  ).toEqual([])
})

test('a pattern of manifests takes no other files, and finds new ones', async () => {
  put('services/api/k8s/api.yaml')
  const pattern = at('services/*/k8s/*.yaml')
  const { reads, mayReadBelow } = await renderInputs({ ...none, manifests: [pattern] }, [])
  const files = [
    'services/api/k8s/api.yaml',
    'services/new/k8s/new.yaml',
    'services/api/src/a.py',
    'services/api/go.mod',
  ]
  expect(files.filter((path) => reads(at(path)))).toEqual(files.slice(0, 2))
  const folders = ['', 'services', 'services/new', 'services/new/k8s', 'services/new/src', 'other']
  expect(folders.filter((path) => mayReadBelow(at(path)))).toEqual(folders.slice(0, 4))
})

test('a pattern over all folders does not make the watch look into packages', async () => {
  put('node_modules/x/k8s/known.yaml')
  const { reads, mayReadBelow } = await renderInputs({ ...none, manifests: [at('**/k8s/*.yaml')] }, [])
  expect(mayReadBelow(at('deep/er'))).toBe(true)
  expect(mayReadBelow(at('node_modules/y'))).toBe(false)
  expect([reads(at('node_modules/x/k8s/known.yaml')), mayReadBelow(at('node_modules/x'))]).toEqual([true, true])
})

test('a folder of manifests has no subfolders, and a chart has all of them', async () => {
  put('plain/a.yaml')
  put('chart/Chart.yaml')
  const helm = [{ name: 'r', chart: at('chart'), values: [at('env/dev.yaml')], set: {} }]
  const { reads } = await renderInputs({ manifests: [at('plain')], kustomize: [], helm }, [at('.env')])
  const read = ['plain/new.yaml', 'chart/charts/sub/templates/cm.yaml', 'env/dev.yaml', '.env']
  const not = ['plain/README.md', 'plain/sub/a.yaml', 'env/prod.yaml']
  expect([...read, ...not].filter((path) => reads(at(path)))).toEqual(read)
})
