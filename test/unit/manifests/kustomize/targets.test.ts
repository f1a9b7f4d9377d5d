import { expect, test } from 'vitest'
import {
  marked,
  missed,
  missText,
  selectsRendered,
  targetedPatches,
} from '../../../../src/manifests/kustomize/targets.ts'
import type { Kustomization } from '../../../../src/manifests/kustomize/tree.ts'
import type { RenderedObject } from '../../../../src/manifests/rendered.ts'

const kustomization = (content: Record<string, unknown>): Kustomization => ({
  folder: '/k',
  file: '',
  text: '',
  content,
})
const object = (kind: string, name: string, annotations: Record<string, string> = {}): RenderedObject => ({
  object: { apiVersion: 'apps/v1', kind, metadata: { name, annotations } },
  origin: { file: 'k', line: undefined },
})
const patches = [
  { path: 'replicas.yaml' },
  { target: { kind: 'Deployment', name: 'web' }, path: 'web.yaml' },
  { target: { kind: 'Deployment', name: 'wep' }, patch: '[]' },
]

test('patches with a target are checked, except where a plugin creates objects', () => {
  expect(targetedPatches(kustomization({ patches, patchesJson6902: [patches[1]] })).map(({ path }) => path)).toEqual([
    ['patches', 1],
    ['patches', 2],
    ['patchesJson6902', 0],
  ])
  expect(targetedPatches(kustomization({ patches, helmCharts: [{ name: 'x' }] }))).toEqual([])
})

test.each([
  [{ kind: 'Deployment', name: 'web' }, true],
  [{ kind: 'Deployment', name: 'w.*' }, true],
  [{ group: 'apps', version: 'v1' }, true],
  [{ kind: 'Deployment', name: 'we' }, false],
  [{ group: 'batch' }, false],
  [{ kind: 'Deployment', labelSelector: 'a=b' }, false],
])('%o is plainly there: %s', (target, found) => {
  expect(selectsRendered({ path: ['patches', 0], target }, [object('Deployment', 'web')])).toBe(found)
})

test('the copy marks the targets before a patch changes them, and its paths lead to the same files', () => {
  const given = {
    resources: ['../base'],
    namePrefix: 'dev-',
    configMapGenerator: [{ name: 'c', files: ['x'] }],
    patches,
  }
  const copy = marked(kustomization(given), (path) => `up/${path}`)
  const mark = (index: number) => expect.stringContaining(`devk.dev/patch-patches-${index}`)
  expect(copy).toEqual({
    resources: ['up/../base'],
    configMapGenerator: [{ name: 'c', literals: ['a=b'] }],
    patches: [
      { path: 'up/replicas.yaml' },
      { target: patches[1]?.target, patch: mark(1) },
      { target: patches[1]?.target, path: 'up/web.yaml' },
      { target: patches[2]?.target, patch: mark(2) },
      patches[2],
    ],
  })
})

test('a patch without a marked target is reported with the nearest object', () => {
  const objects = [object('Deployment', 'web', { 'devk.dev/patch-patches-1': '' })]
  const [miss, ...others] = missed(targetedPatches(kustomization({ patches })), objects)
  expect([miss?.path, others]).toEqual([['patches', 2], []])
  expect(miss && missText(miss, objects)).toBe(
    'patches[2]: its target (kind Deployment, name wep) selects none of the resources; did you mean web?',
  )
  const kind = { path: ['patches', 0] as const, target: { kind: 'Deploymnet' } }
  expect(missText(kind, objects)).toMatch(/did you mean Deployment\?$/)
})
