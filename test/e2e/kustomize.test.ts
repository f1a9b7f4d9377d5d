/** Rendering with the real kustomize. Needs no cluster. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { execaRunner } from '../../src/exec/runner.ts'
import { kustomize } from '../../src/manifests/kustomize/kustomize.ts'
import { findKubectl } from './support/tools.ts'

const deployment = (name: string) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: ${name}, labels: { tier: front } }\nspec: { replicas: 1 }\n`
const replicas = `patch: '[{ "op": "replace", "path": "/spec/replicas", "value": 3 }]'`
const patch = (target: string) => `  - target: { ${target} }\n    ${replicas}\n`
const base = {
  'base/web.yaml': deployment('web'),
  'base/kustomization.yaml': 'namePrefix: shop-\nresources: [web.yaml]\n',
}

/** Renders an overlay on a base with one Deployment, whose file names it `web` and whose base prefixes it to `shop-web`. */
async function render(overlay: string, more: Record<string, string> = {}) {
  const root = await mkdtemp(join(tmpdir(), 'devk-e2e-kustomize-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  for (const [name, text] of Object.entries({ ...base, ...more, 'dev/kustomization.yaml': overlay })) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
  const deps = { runner: execaRunner(process.env), kubectl: await findKubectl() }
  return kustomize(join(root, 'dev'), root, deps, AbortSignal.timeout(60_000))
}

test.each([
  ['its name in the file', 'kind: Deployment, name: web'],
  ['the name that the base gives it', 'kind: Deployment, name: shop-web'],
  ['a pattern', 'name: .*web'],
  ['a label', 'labelSelector: tier=front'],
])('a patch is applied when its target matches %s', async (_, target) => {
  const [web] = await render(`resources: [../base]\nnameSuffix: -dev\npatches:\n${patch(target)}`)
  expect(web?.object).toMatchObject({ metadata: { name: 'shop-web-dev' }, spec: { replicas: 3 } })
  expect(Object.keys(web?.object.metadata ?? {})).toEqual(['labels', 'name'])
})

test('patches whose target matches nothing are refused with their lines, also in the base of the overlay', async () => {
  const middle = `resources: [../base]\npatches:\n${patch('kind: StatefulSet')}`
  const overlay = `resources: [../middle]\npatches:\n${patch('kind: Deployment, name: web')}${patch('kind: Deployment, name: shop-wep')}`
  await expect(render(overlay, { 'middle/kustomization.yaml': middle })).rejects.toMatchObject({
    code: 'MANIFEST_INVALID',
    message: 'dev has patches without a target',
    details: [
      'dev/kustomization.yaml:5: patches[1]: its target (kind Deployment, name shop-wep) selects none of the resources; did you mean shop-web?',
      expect.stringContaining('middle/kustomization.yaml:3: patches[0]: its target (kind StatefulSet) selects none'),
      'Nothing was changed.',
    ],
  })
})

test('a patch may change the kind of its target', async () => {
  const rollout = '{ apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: { name: web } }'
  const change = `  - target: { kind: Deployment, name: web }\n    options: { allowKindChange: true }\n    patch: '${rollout}'\n`
  const [web] = await render(`resources: [../base]\npatches:\n${change}`)
  expect(web?.object.kind).toBe('Rollout')
})
