import { mkdirSync, realpathSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { reachOf } from '../../../../src/manifests/kustomize/reach.ts'
import { folder } from '../../config/support.ts'

/** What the kustomization in `k/overlay` reaches. `SECRET` stands for the path of a file outside. */
async function reach(files: Record<string, string>, link?: (root: string, secret: string) => void) {
  const outside = realpathSync(folder({ id: 'key', 'base/kustomization.yaml': 'resources: []\n' }))
  const texts = Object.entries(files).map(([name, text]) => [name, text.replaceAll('SECRET', outside)])
  const root = realpathSync(folder({ 'platform.config.yaml': 'name: a\n', ...Object.fromEntries(texts) }))
  mkdirSync(join(root, '.git'))
  link?.(root, outside)
  return reachOf(join(root, 'k/overlay'), root)
}

test('files of sibling folders and bases elsewhere in the repository are inside', async () => {
  const found = await reach({
    'k/overlay/kustomization.yaml':
      'resources: [../base]\nconfigMapGenerator:\n- name: a\n  files: [name=../../shared/a.txt]\n  envs: [../.env]\n',
    'k/base/kustomization.yaml': 'resources: [../../shared/a.yaml]\n',
    'shared/a.txt': '',
    'shared/a.yaml': '',
    'k/.env': '',
  })
  expect(found).toEqual({ outside: [], remote: [] })
})

test.each([
  ['a generator of ConfigMaps', 'configMapGenerator:\n- name: a\n  files: [SECRET/id]\n'],
  ['a named file of a generator', 'secretGenerator:\n- name: a\n  files: [key=SECRET/id]\n'],
  ['a file of variables', 'configMapGenerator:\n- name: a\n  envs: [SECRET/id]\n'],
  ['a resource', 'resources: [SECRET/id]\n'],
  ['a base', 'resources: [SECRET/base]\n'],
  ['a patch', 'patches:\n- path: SECRET/id\n'],
  ['a replacement', 'replacements:\n- path: SECRET/id\n'],
  ['values of a chart', 'helmCharts:\n- name: a\n  valuesFile: SECRET/id\n'],
  ['a folder of charts', 'helmGlobals: { chartHome: SECRET/base }\n'],
  ['plugins of Helm', 'helmGlobals: { configHome: ./helm }\n'],
  ['a generator in its own file', 'generators: [generator.yaml]\n'],
  ['a generator in the kustomization', 'generators:\n- |\n  kind: ConfigMapGenerator\n  files: [SECRET/id]\n'],
  ['a base in the repository', 'resources: [../base]\n'],
])('%s that reads outside of the repository is found', async (_, text) => {
  const { outside } = await reach({
    'k/overlay/kustomization.yaml': text,
    'k/overlay/generator.yaml': 'kind: ConfigMapGenerator\nfiles: [SECRET/id]\n',
    'k/base/kustomization.yaml': 'resources: [SECRET/id]\n',
  })
  expect(outside).toHaveLength(1)
  expect(outside[0]).toMatch(/^k\/(overlay|base)\/\S+: /)
})

test('links that lead out of the repository are found', async () => {
  const text = 'resources: [link.yaml, ../linked]\n'
  const { outside } = await reach({ 'k/overlay/kustomization.yaml': text }, (root, secret) => {
    symlinkSync(join(secret, 'id'), join(root, 'k/overlay/link.yaml'))
    symlinkSync(join(secret, 'base'), join(root, 'k/linked'))
  })
  expect(outside).toHaveLength(2)
  const whole = await reach({ 'k/x': '' }, (root, secret) => {
    mkdirSync(join(root, 'k/overlay'))
    symlinkSync(join(secret, 'base/kustomization.yaml'), join(root, 'k/overlay/kustomization.yaml'))
  })
  expect(whole.outside).toHaveLength(1)
})

test.each([
  'https://example.com/a.yaml',
  'github.com/org/repo/base?ref=v1',
  'git@example.com:org/repo.git',
  'ssh://git@example.com/repo',
  'example.com/org/repo//base',
])('the address %s is remote', async (address) => {
  const { remote, outside } = await reach({ 'k/overlay/kustomization.yaml': `resources: [a.yaml, '${address}']\n` })
  expect([remote, outside]).toEqual([[address], []])
})
