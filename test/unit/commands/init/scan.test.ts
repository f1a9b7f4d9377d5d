import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { scan } from '../../../../src/commands/init/scan.ts'

function repository(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'devk-init-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  return root
}

const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\n'

test('Dockerfiles are found with their stages, and with the context that has the files they copy', async () => {
  const root = repository({
    'api/Dockerfile': 'FROM node AS base\nCOPY src /src\nFROM base AS worker\nCOPY --from=base /src /src\n',
    'api/src/a.js': '',
    'docker/web.Dockerfile': 'FROM node\nCOPY web/package*.json ./\nCOPY web /web\n',
    'web/a.js': '',
    'node_modules/x/Dockerfile': 'FROM node\n',
    'api/Dockerfile.dockerignore': '*\n',
  })
  expect((await scan(root)).dockerfiles).toEqual([
    { file: 'api/Dockerfile', context: 'api', stages: ['base', 'worker'] },
    { file: 'docker/web.Dockerfile', context: '.', stages: [] },
  ])
})

test('manifests are told apart from files of kustomizations and charts, and from other YAML', async () => {
  const root = repository({
    'k8s/base/kustomization.yaml': 'resources: [web.yaml]\n',
    'k8s/base/web.yaml': manifest,
    'k8s/dev/kustomization.yaml': 'resources: [../base]\npatches: [{ path: ../patches/a.yaml }]\n',
    'k8s/patches/a.yaml': manifest,
    'k8s/shared/kustomization.yaml': 'kind: Component\n',
    'chart/Chart.yaml': 'name: x\n',
    'chart/templates/a.yaml': manifest,
    'extra/b.yml': manifest,
    'compose.yaml': 'services: {}\n',
    '.github/workflows/ci.yaml': manifest,
  })
  const found = await scan(root)
  expect(found.kustomizations).toEqual([
    { folder: 'k8s/base', isTop: false },
    { folder: 'k8s/dev', isTop: true },
  ])
  expect([found.charts, found.manifests]).toEqual([['chart'], ['extra']])
})

test('of a folder with other YAML and templates, the manifests are named', async () => {
  const root = repository({
    'k8s/web.yaml': manifest,
    'k8s/values.yaml': 'replicas: 1\n',
    'k8s/template.yaml': 'apiVersion: v1\nkind: ConfigMap\n{{- if .Values.a }}\nmetadata: { name: a }\n{{- end }}\n',
    'k8s/settings.json': '{}',
    'more/api.yaml': manifest,
    'more/README.md': '',
  })
  expect((await scan(root)).manifests).toEqual(['k8s/web.yaml', 'more'])
})

test('the variables of .env and of its example are read', async () => {
  const root = repository({ '.env.example': '# A\nA=1\nexport B = 2\n', '.env': 'C=\n' })
  expect(await scan(root)).toMatchObject({ envExample: '.env.example', env: true, variables: ['A', 'B', 'C'] })
})
