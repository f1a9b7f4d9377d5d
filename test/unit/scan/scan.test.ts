import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { manifestIn, understood } from '../../../src/scan/manifest.ts'
import { scan } from '../../../src/scan/scan.ts'
import { listFiles } from '../../../src/scan/walk.ts'
import { app } from '../../repositories/repository.ts'

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

test('Dockerfiles are found with their stages, variants and contexts', async () => {
  const root = repository({
    'api/Dockerfile': 'FROM node AS base\nCOPY src /src\nFROM base AS worker\nCOPY --from=base /src /src\n',
    'api/Dockerfile.dev': 'FROM node\n',
    'api/src/a.js': '',
    'api/package.json': '{"name":"@acme/backend"}',
    'docker/web.Dockerfile': 'FROM node\nCOPY web/package*.json ./\nCOPY web /web\n',
    'web/a.js': '',
    'node_modules/x/Dockerfile': 'FROM node\n',
    'api/Dockerfile.dockerignore': '*\n',
    'build/package/Dockerfile': 'FROM node\n',
  })
  const { dockerfiles } = await scan(root)
  const found = dockerfiles.map(({ file, context, stages, variants, packageName }) => {
    return { file, context, stages, variants: variants.map((each) => each.file), packageName }
  })
  const none = { stages: [], variants: [], packageName: undefined }
  expect(found).toEqual([
    {
      ...{ file: 'api/Dockerfile', context: 'api', stages: ['base', 'worker'] },
      ...{ variants: ['api/Dockerfile.dev'], packageName: 'backend' },
    },
    { ...none, file: 'build/package/Dockerfile', context: 'build/package' },
    { ...none, file: 'docker/web.Dockerfile', context: '.' },
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
  const { kustomizations, charts, manifests } = await scan(root)
  expect(kustomizations.map(({ folder, isTop }) => [folder, isTop])).toEqual([
    ['k8s/base', false],
    ['k8s/dev', true],
  ])
  expect(charts).toEqual([{ folder: 'chart', name: 'x', values: [] }])
  expect(manifests.map(({ file }) => file)).toEqual(['extra/b.yml'])
})

test('the variables of .env and of its example are read', async () => {
  const root = repository({ '.env.example': '# A\nA=1\nexport B = 2\n', '.env': 'C=\n' })
  expect(await scan(root)).toMatchObject({ envExample: '.env.example', env: true, variables: ['A', 'B', 'C'] })
})

test('links that lead around or nowhere, files without end and bytes that are no text do not end a scan', async () => {
  const root = repository({ 'k8s/web.yaml': app('web'), 'k8s/bytes.yaml': '\u0000\ufffd\u0007', 'a/b/c.txt': '' })
  symlinkSync('..', join(root, 'a/b/up'))
  symlinkSync(join(root, 'nowhere'), join(root, 'a/gone.yaml'))
  symlinkSync('loop', join(root, 'loop'))
  const { manifests, notes } = await scan(root)
  expect([manifests.map(({ file }) => file), notes]).toEqual([['k8s/web.yaml'], []])
})

test('links to YAML and JSON of the repository are files, as for up; those that lead out of it are not', async () => {
  const elsewhere = repository({ 'other.yaml': app('other') })
  const root = repository({ 'shared/web.yml': app('web'), 'k8s/api.yaml': app('api'), 'k8s/notes.txt': '' })
  symlinkSync('../shared/web.yml', join(root, 'k8s/web.yaml'))
  symlinkSync(join(elsewhere, 'other.yaml'), join(root, 'k8s/other.yaml'))
  symlinkSync('notes.txt', join(root, 'k8s/link.txt'))
  const { files, manifests } = await scan(root)
  expect(manifests.map(({ file }) => file)).toEqual(['k8s/api.yaml', 'k8s/web.yaml', 'shared/web.yml'])
  expect(files).not.toContain('k8s/link.txt')
})

test('limits leave out what is deepest, and say so', async () => {
  const files = Object.fromEntries(['k', 'a/b/c/d/e/f/g/h'].map((folder) => [`${folder}/x.yaml`, manifest]))
  const limits = { levels: 3, entries: 4, manifests: 1, bytes: 1000 }
  const { manifests, notes } = await scan(repository({ ...files, 'large.yaml': `${manifest}${'#'.repeat(1000)}` }), {
    ...limits,
  })
  expect(manifests.map(({ file }) => file)).toEqual([])
  expect(notes).toEqual([
    'The folder has more than 4 files. Those deepest down were not read.',
    'There are 2 YAML and JSON files. Those deepest down were not read.',
    'large.yaml has more than 0.001 MB and was not read.',
  ])
})

test('a folder that is gone by the time it is read is a note', async () => {
  const { files, notes } = await listFiles(join(tmpdir(), 'devk-nowhere'), { levels: 7, entries: 10 })
  expect([files, notes]).toEqual([[], [expect.stringMatching(/^\. could not be read: ENOENT/)]])
})

/** A small generator, so that a failure can be repeated. */
function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state % below
  }
}

test('no change of a manifest makes reading it fail', () => {
  const parts = [
    'null',
    '[]',
    '{}',
    '1',
    '"',
    "'",
    '\t',
    ':',
    '- ',
    '{{ x }}',
    '&a',
    '*a',
    '<<: *a',
    '---',
    '!!set',
    '%',
  ]
  const text = `${app('web')}---\napiVersion: v1\nkind: List\nitems: [{ apiVersion: v1, kind: Secret, metadata: { name: a } }]\n`
  const next = random(7)
  for (let i = 0; i < 100; i++) {
    const at = next(text.length)
    const changed = text.slice(0, at) + parts[next(parts.length)] + text.slice(at + next(12))
    const read = manifestIn('a.yaml', changed)
    if (read !== undefined) expect(read.objects.every(({ metadata }) => metadata.name !== '')).toBe(true)
    expect(Array.isArray(understood(changed))).toBe(true)
  }
})
