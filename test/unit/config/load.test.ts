import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { projectAround } from '../../../src/config/around.ts'
import { findConfigFile } from '../../../src/config/find.ts'
import { failure, folder, load } from './support.ts'

const minimal = "import { defineConfig } from 'devk'\nexport default defineConfig({ name: 'todo' })\n"

test('the configuration is found from a subfolder, past a package.json without the key devk', async () => {
  const root = folder({
    'platform.config.ts': minimal,
    'a/package.json': '{"name":"a"}',
    'a/b/package.json': '{ broken',
    'a/b/c/package.json': 'null',
  })
  expect(await findConfigFile(join(root, 'a/b/c'))).toBe(join(root, 'platform.config.ts'))
  expect((await load(join(root, 'a/b/c'))).name).toBe('todo')
})

test('the configuration is found as the key devk of package.json', async () => {
  const root = folder({ 'package.json': '{"name":"x","devk":{"name":"inside"}}', 'a/package.json': '' })
  const config = await load(join(root, 'a'))
  expect([config.name, config.root]).toEqual(['inside', root])
})

test.each([
  ['platform.config.js', 'module.exports = { name: "it" }'],
  ['platform.config.mjs', 'export default { name: "it" }'],
  ['platform.config.json', '{ "name": "it" }'],
  ['platform.config.yaml', 'name: it\n'],
  ['platform.config.yml', 'name: it\n'],
  ['platform.config.ts', "const name = await Promise.resolve<string>('it')\nexport default { name }"],
])('%s is read', async (file, text) => {
  expect((await load(folder({ [file]: text }))).name).toBe('it')
})

test('finding a configuration does not evaluate it', async () => {
  const root = folder({ 'platform.config.ts': 'throw new Error("evaluated")' })
  expect(await findConfigFile(root)).toBe(join(root, 'platform.config.ts'))
})

test('a folder with the name of a configuration is none', async () => {
  const root = folder({ 'platform.config.yaml': minimal, 'platform.config.ts/x': '' })
  expect(await findConfigFile(root)).toBe(join(root, 'platform.config.yaml'))
})

test('the project is the outermost folder with a repository or configuration, but never all of the home', async () => {
  const root = folder({ '.git/HEAD': '', 'a/.git/HEAD': '', 'a/b/platform.config.yaml': '', 'a/b/c/x': '', 'd/x': '' })
  expect(await projectAround(join(root, 'a/b/c'), '/nobody')).toBe(root)
  expect(await projectAround(join(root, 'a/b/c'), root)).toBe(join(root, 'a'))
  expect(await projectAround(join(root, 'd'), root)).toBeUndefined()
})

test('a file whose name has no known end is an error, and what a data file asks to import is not imported', async () => {
  const root = folder({ 'platform.config.yaml': '$import: ./evil.js\nname: it', 'evil.js': 'throw 1', 'a.toml': '' })
  expect((await failure(load(root))).message).toBe('platform.config.yaml has 1 problem')
  const error = await failure(load(folder({ 'a.toml': 'a = 1' }), { file: 'a.toml' }))
  expect([error.message, error.exitCode]).toEqual(['a.toml is no configuration: its name ends with ".toml"', 2])
})

test('a configuration in UTF-16 is read', async () => {
  const root = folder({ 'platform.config.yaml': '' })
  writeFileSync(join(root, 'platform.config.yaml'), Buffer.from('\ufeffname: it', 'utf16le'))
  expect((await load(root)).name).toBe('it')
})

test('a changed configuration and a changed import are read again', async () => {
  const root = folder({
    'platform.config.ts': "import { name } from './name.ts'\nexport default { name }",
    'name.ts': "export const name: string = 'one'",
  })
  expect((await load(root)).name).toBe('one')
  writeFileSync(join(root, 'name.ts'), "export const name: string = 'two'")
  expect((await load(root)).name).toBe('two')
})

test.each([
  ['imports', { 'platform.config.ts': "import { name } from './name.ts'\nexport default { name }" }, 'ts'],
  ['requires', { 'platform.config.cjs': "module.exports = require('./name.cjs')" }, 'cjs'],
])('the files that a configuration %s are known, those of packages are not', async (_, config, extension) => {
  const name =
    extension === 'ts'
      ? "import { text } from 'words'\nimport './deep/one.ts'\nexport const name = text"
      : "require('./deep/one.cjs')\nexports.name = require('words').text"
  const root = folder({
    ...config,
    [`name.${extension}`]: name,
    [`deep/one.${extension}`]: '',
    'node_modules/words/package.json': '{"name":"words","main":"index.js"}',
    'node_modules/words/index.js': "require('./more.js')\nexports.text = 'todo'",
    'node_modules/words/more.js': '',
  })
  const files = new Set<string>()
  await load(root, { onImport: (file) => files.add(file) })
  expect([...files]).toEqual([join(root, `name.${extension}`), join(root, `deep/one.${extension}`)])
})

test('an import that does not exist yet is known as well', async () => {
  const root = folder({ 'platform.config.ts': "import { name } from './name.ts'\nexport default { name }" })
  const files: string[] = []
  await failure(load(root, { onImport: (file) => files.push(file) }))
  expect(files).toContain(join(root, 'name.ts'))
})

test('a missing configuration is an error', async () => {
  const error = await failure(load(folder({})))
  expect([error.code, error.exitCode]).toEqual(['CONFIG_NOT_FOUND', 2])
  expect((await failure(load(folder({}), { file: 'other.ts' }))).message).toBe('The file other.ts does not exist')
})

test('a file that is named is read, whatever its name', async () => {
  const root = folder({ 'sub/dev.yaml': 'name: it' })
  expect((await load(root, { file: 'sub/dev.yaml' })).root).toBe(join(root, 'sub'))
})

test.each([
  [
    'enum',
    "enum A { b = 'x' }\nexport default { name: A.b }",
    'platform.config.ts:1 uses TypeScript syntax that must be compiled',
  ],
  [
    'syntax',
    "export default {\n  name: 'x'\n  ; y: 1\n}",
    "platform.config.ts:3 cannot be read: Expected ',', got ';'",
  ],
  [
    'throws',
    "const f = () => {\n  throw new Error('no HOME')\n}\nf()\nexport default {}",
    'platform.config.ts:2:9 threw an error: no HOME',
  ],
  ['import', "import 'not-there'\nexport default {}", 'platform.config.ts imports a module that does not exist'],
  ['no default', 'export const a = 1', 'platform.config.ts contains no configuration'],
  ['empty', '', 'platform.config.ts contains no configuration'],
])('a script with %s is an error', async (_, text, message) => {
  const error = await failure(load(folder({ 'platform.config.ts': text })))
  expect([error.message, error.exitCode]).toEqual([message, 2])
})

test.each([
  ['platform.config.json', '{\n  "a": 1\n  "b": 2\n}', /^platform.config.json cannot be read: .*line 3 column 3/],
  ['platform.config.yaml', 'name: it\n  cluster: {', /^platform.config.yaml:1:7 cannot be read: /],
])('a syntax error in %s is reported', async (file, text, message) => {
  expect((await failure(load(folder({ [file]: text })))).message).toMatch(message)
})

test.each([
  ['a path', '{ "name": "it", "deploy": { "manifests": ["a\\u0000b"] } }', 'contains a NUL character'],
  [
    'a name',
    '{ "name": "it", "services": { "a": { "env": { "X\\u0000Y": "" } } } }',
    'has a NUL character in its name',
  ],
])('%s with a NUL character is refused', async (_, text, message) => {
  const error = await failure(load(folder({ 'platform.config.json': text })))
  expect([error.exitCode, [error.message, ...error.details].join('\n')]).toEqual([2, expect.stringContaining(message)])
})

test('a path that cannot exist is a file that does not exist', async () => {
  const text = JSON.stringify({ name: 'it', deploy: { manifests: `${'long/'.repeat(1000)}a.yaml` } })
  const error = await failure(load(folder({ 'platform.config.json': text })))
  expect([error.code, error.exitCode]).toEqual(['CONFIG_INVALID', 2])
})

test('paths become absolute, defaults are set, and the result is frozen', async () => {
  const root = folder({
    '.env.example': 'A=1',
    'ca.pem': '',
    'k8s/kustomization.yaml': '',
    'api/Dockerfile.dev': '',
    'api/src/a': '',
  })
  mkdirSync(join(root, 'deep'))
  writeFileSync(
    join(root, 'platform.config.json'),
    JSON.stringify({
      name: 'it',
      deploy: { kustomize: 'k8s', manifests: ['k8s/*.yaml'] },
      services: {
        api: {
          build: { context: 'api', dockerfile: 'Dockerfile.dev', caCertificates: 'ca.pem' },
          sync: [{ from: 'api/src', to: '/src' }],
          url: 'api.localhost:8080',
        },
      },
      secrets: { s: { fromEnvFile: '.env', orElse: '.env.example' } },
    }),
  )
  const config = await load(join(root, 'deep'))
  expect(config.deploy).toMatchObject({ kustomize: [join(root, 'k8s')], manifests: [join(root, 'k8s/*.yaml')] })
  expect(config.services.api).toMatchObject({
    build: {
      context: join(root, 'api'),
      dockerfile: join(root, 'api/Dockerfile.dev'),
      caCertificates: join(root, 'ca.pem'),
    },
    sync: [{ from: join(root, 'api/src'), to: '/src' }],
    url: 'http://api.localhost:8080',
  })
  expect(config.secrets.s).toMatchObject({ fromEnvFile: join(root, '.env'), orElse: join(root, '.env.example') })
  expect(() => config.deploy.kustomize.push('x')).toThrow(TypeError)
})
