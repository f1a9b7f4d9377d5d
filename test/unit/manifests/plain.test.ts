import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { plainManifests } from '../../../src/manifests/plain.ts'
import { renderManifests } from '../../../src/manifests/render.ts'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'devk plain '))
})
afterEach(() => rm(root, { recursive: true }))

const map = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`

async function write(files: Record<string, string>): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, file)), { recursive: true })
    await writeFile(join(root, file), text)
  }
}

const names = async (...paths: string[]) =>
  (
    await plainManifests(
      paths.map((path) => join(root, path)),
      root,
    )
  ).map(({ object, origin }) => `${object.metadata.name} ${origin.file}:${origin.line}`)

test('files, folders and patterns are read, and a folder without its subfolders and its kustomization', async () => {
  await write({
    'k8s/b.yaml': `${map('b1')}---\n${map('b2')}`,
    'k8s/a.yml': map('a'),
    'k8s/kustomization.yaml': 'resources: []',
    'k8s/notes.txt': 'x',
    'k8s/sub/c.yaml': map('c'),
    'one.json': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one"}}',
  })
  expect(await names('k8s')).toEqual(['a k8s/a.yml:1', 'b1 k8s/b.yaml:1', 'b2 k8s/b.yaml:5'])
  expect(await names('one.json', 'k8s/a.yml', 'k8s/a.yml')).toEqual(['one one.json:1', 'a k8s/a.yml:1'])
  expect(await names('k8s/**/*.yaml')).toEqual(['b1 k8s/b.yaml:1', 'b2 k8s/b.yaml:5', 'c k8s/sub/c.yaml:1'])
})

test('a folder that is called as a manifest is, is none; a link that leads nowhere is an error', async () => {
  await write({ 'k8s/a.yaml': map('a'), 'k8s/folder.yaml/b.txt': '', 'other/c.txt': '' })
  await symlink('../other', join(root, 'k8s/linked.yml'))
  expect(await names('k8s')).toEqual(['a k8s/a.yaml:1'])
  expect(await names('k8s/*.yaml')).toEqual(['a k8s/a.yaml:1'])
  await symlink('nowhere', join(root, 'k8s/gone.yaml'))
  await expect(names('k8s')).rejects.toMatchObject({
    code: 'MANIFEST_INVALID',
    message: expect.stringContaining('k8s/gone.yaml cannot be read: ENOENT'),
  })
})

test('a path without manifests is an error with a fix', async () => {
  await write({ 'empty/readme.md': '' })
  await expect(names('empty')).rejects.toMatchObject({ code: 'MANIFEST_INVALID', hint: expect.stringContaining('**') })
  await expect(names('none.yaml')).rejects.toThrow('deploy.manifests: none.yaml has no manifests')
})

test('the items of a List are read, and an invalid document is reported with its line', async () => {
  await write({
    'list.yaml': `apiVersion: v1\nkind: List\nitems:\n- ${map('x').replaceAll('\n', '\n  ')}`,
    'bad.yaml': 'a: 1\n---\n- 1\n---\napiVersion: v1\nkind: Pod\nmetadata: {generateName: x-}\n',
  })
  expect(await names('list.yaml')).toEqual(['x list.yaml:1'])
  await expect(names('bad.yaml')).rejects.toMatchObject({
    details: [
      'bad.yaml:1: apiVersion is missing',
      'bad.yaml:3: must be a mapping',
      'bad.yaml:5: metadata.generateName creates a new object at each apply; use metadata.name',
    ],
  })
})

test('a file that is no manifest at all gets another hint than a wrong manifest', async () => {
  await write({ 'values.yaml': 'replicas: 1\n', 'wrong.yaml': 'kind: Pod\nmetadata: { name: a }\n' })
  const hint = (name: string) => expect.objectContaining({ hint: expect.stringContaining(name) })
  await expect(names('values.yaml')).rejects.toEqual(hint('is no manifest'))
  await expect(names('wrong.yaml')).rejects.toEqual(hint('apiVersion'))
})

test('a duplicate object is refused with both positions', async () => {
  await write({ 'a.yaml': map('x'), 'b.yaml': `${map('z')}---\n${map('x')}` })
  const deploy = {
    manifests: [join(root, 'a.yaml'), join(root, 'b.yaml')],
    kustomize: [],
    helm: [],
    overlays: {},
    images: [],
  }
  const runner = {
    run: () => Promise.reject(new Error('unexpected')),
    spawn: () => {
      throw new Error('unexpected')
    },
  }
  const rendering = renderManifests(
    { name: 'p', cluster: {}, root, deploy },
    { runner, kubectl: 'kubectl', charts: '/charts' },
    AbortSignal.timeout(5000),
  )
  await expect(rendering).rejects.toMatchObject({ details: ['ConfigMap x: a.yaml:1 and b.yaml:5'] })
})
