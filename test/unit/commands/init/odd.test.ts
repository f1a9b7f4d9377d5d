import { rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { app, node } from '../../../repositories/repository.ts'
import { init } from './terminal.ts'

const good = { 'web/Dockerfile': node(), 'web/server.js': '', 'k8s/web.yaml': app('web') }
const map = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n'

/** The comments of the written file as one line. */
function comments(text: string | undefined): string {
  const lines = text?.match(/^\/\/ .*$/gm) ?? []
  return lines.map((line) => line.slice(3)).join(' ')
}

test.each([
  [
    'YAML that ends too early',
    { 'k8s/a.yaml': `${map}  name: [\n` },
    /k8s\/a\.yaml:\d+:\d+: .* k8s\/a\.yaml is left out/,
  ],
  ['tabs', { 'k8s/a.yaml': `${map}\tname: a\n` }, /k8s\/a\.yaml:4:1: Tabs .* is left out/],
  [
    'an alias of itself',
    { 'k8s/a.yaml': `&a\n${map}  name: a\ndata: *a\n` },
    /k8s\/a\.yaml:\d:\d: Alias .* is left out/,
  ],
  [
    'Jinja',
    { 'k8s/a.yaml': `{% for x in y %}\n${map}  name: {{ x }}\n` },
    /k8s\/a\.yaml is a template \(\{\{ x \}\}\)/,
  ],
  [
    'a Go template',
    { 'k8s/a.yaml': `{{- range .x }}\n${map}  name: {{ . }}\n{{- end }}\n` },
    /is a template \(\{\{ range \.x/,
  ],
  [
    'a variable where YAML allows none',
    { 'k8s/a.yaml': `apiVersion: v1\nkind: Service\nmetadata: { name: a }\nspec: { ports: [{ port: \${PORT} }] }\n` },
    /k8s\/a\.yaml:4 has \$\{PORT\}, which devk does not fill in/,
  ],
  ['values of other types', { 'k8s/a.yaml': `${map}  name: 5\n` }, /metadata\.name is 5, not a string/],
  ['a package.json that is null', { 'package.json': 'null' }, /^$/],
  ['a folder that is called as a manifest is', { 'k8s/a.yaml/b': '' }, /^$/],
  ['folders that are called as files of tools are', { 'compose.yaml/a': '', 'Chart.yaml/a': '', '.env/a': '' }, /^$/],
  ['names in other scripts, and with quotes', { 'k8s/それ \'x\' "y".yaml': `${map}  name: a\n` }, /^$/],
  ['an empty Dockerfile', { 'a/Dockerfile': '' }, /a\/Dockerfile builds\.$/],
  ['a Dockerfile of halves', { 'a/Dockerfile': 'FROM\nCOPY\nCMD [\nENV\nWORKDIR ${X\n' }, /a\/Dockerfile builds\.$/],
  ['stages that start from each other', { 'a/Dockerfile': 'FROM b AS a\nFROM a AS b\n' }, /a\/Dockerfile builds\.$/],
] as const)('beside %s the rest is written, with a sentence', async (_about, files, sentence) => {
  const { code, text } = await init({ ...good, ...files }, [], { yes: true })
  expect([code, comments(text)]).toEqual([0, expect.stringMatching(sentence)])
  expect(text).toContain("build: { context: 'web' }")
})

test('manifests and Dockerfiles with a byte order mark are read as those without', async () => {
  const marked = Object.fromEntries(Object.entries(good).map(([file, text]) => [file, `\uFEFF${text}`]))
  expect((await init(marked, [], { yes: true })).text).toBe((await init(good, [], { yes: true })).text)
})

test.each([
  ['loop', '.', /^$/],
  ['k8s/self.yaml', 'self.yaml', /k8s\/self\.yaml cannot be read: ELOOP/],
  ['k8s/gone.yaml', 'nowhere', /k8s\/gone\.yaml cannot be read: ENOENT/],
  ['k8s/folder.yaml', '../web', /^$/],
])('the link %s to %s ends nothing', async (link, target, sentence) => {
  const { code, text } = await init(good, [], { yes: true, prepare: (cwd) => symlinkSync(target, join(cwd, link)) })
  expect([code, comments(text)]).toEqual([0, expect.stringMatching(sentence)])
  expect(text).toContain("build: { context: 'web' }")
})

test('files that are gone when they are read again are a sentence', async () => {
  const files = { ...good, 'extra/kustomization.yaml': 'resources: [a.yaml]\n', 'extra/a.yaml': `${map}  name: a\n` }
  let root = ''
  // devk looks for programs that render when it has read the files.
  const run = async () => {
    rmSync(join(root, 'k8s'), { recursive: true, force: true })
    return { exitCode: 127, stdout: '', stderr: 'not found' }
  }
  const prepare = (cwd: string) => {
    root = cwd
  }
  const { code, text } = await init(files, [], { yes: true, prepare, runner: { run } as never })
  expect([code, comments(text)]).toEqual([
    0,
    expect.stringMatching(/devk plan would stop: .* k8s, which does not exist/),
  ])
})

test('a home folder is refused before anything is read', async () => {
  const run = init(good, [], { yes: true, home: '.' })
  await expect(run).rejects.toMatchObject({ code: 'USAGE', message: expect.stringContaining('is your home folder') })
})

const kinds = ['Deployment', 'Service', 'Ingress', 'Secret', 'ConfigMap', 'CronJob', 'Pod', 'Namespace', 'HTTPRoute']

test('whatever an object holds, there is a result', async () => {
  const value = fc.jsonValue({ maxDepth: 3 })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...kinds), value, value, async (kind, spec, template) => {
      const object = {
        apiVersion: 'v1',
        kind,
        metadata: { name: 'a' },
        spec: { template, rules: spec, ports: spec },
        data: spec,
      }
      const { code, text } = await init({ ...good, 'k8s/a.json': JSON.stringify(object) }, [], { yes: true })
      expect([code, text]).toEqual([0, expect.stringContaining("build: { context: 'web' }")])
      expect(text).not.toContain('could not check')
    }),
    { numRuns: 40 },
  )
}, 60_000)

const tools = [
  'compose.yaml',
  'skaffold.yaml',
  'devspace.yaml',
  'okteto.yml',
  'Tiltfile',
  'Procfile.dev',
  '.devcontainer.json',
  'package.json',
]

test('whatever stands in the file of a tool, there is a result', async () => {
  const section = fc.dictionary(fc.constantFrom('web', 'image', 'build', 'sync', 'ports', 'command'), fc.jsonValue())
  const keys = fc.constantFrom('services', 'build', 'dev', 'deploy', 'images', 'workspaces', 'service', 'forwardPorts')
  const text = fc.oneof(
    fc.string(),
    fc.jsonValue().map((each) => JSON.stringify(each)),
    fc.dictionary(keys, fc.oneof(section, fc.jsonValue())).map((each) => JSON.stringify(each)),
  )
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...tools), text, async (file, content) => {
      const { code, text: written } = await init({ ...good, [file]: content }, [], { yes: true })
      expect([code, written]).toEqual([0, expect.stringContaining("deploy: { manifests: 'k8s'")])
      expect(written).not.toContain('could not check')
    }),
    { numRuns: 40 },
  )
}, 60_000)
