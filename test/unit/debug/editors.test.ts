import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'jsonc-parser'
import { expect, onTestFinished, test } from 'vitest'
import { readEditorFile, writeEditorFile } from '../../../src/debug/editor-file.ts'
import { jetbrainsFile, jetbrainsText } from '../../../src/debug/jetbrains.ts'
import { vscodeEntry, withVscode } from '../../../src/debug/vscode.ts'

const about = { service: 'web', runtime: 'node', port: 9229, mappings: [{ local: 'web', remote: '/app' }] } as const

test('without a file, VS Code gets one with this entry', () => {
  const text = withVscode(undefined, vscodeEntry(about))
  expect(JSON.parse(text)).toMatchObject({
    version: '0.2.0',
    configurations: [
      {
        ...{ name: 'devk: web', type: 'node', request: 'attach', address: '127.0.0.1', port: 9229, restart: true },
        ...{ localRoot: `\${workspaceFolder}/web`, remoteRoot: '/app' },
      },
    ],
  })
  expect(withVscode(' \n', vscodeEntry(about))).toBe(text)
  expect(withVscode(text, vscodeEntry(about))).toBe(text)
})

test.each(['\n', '\r\n'])('an existing file keeps its comments, entries, indentation and line breaks (%j)', (eol) => {
  const lines = ['{', '\t// ours', '\t"configurations": [', '\t\t{ "name": "tests" }, // first', '\t],', '}', '']
  const before = lines.join(eol)
  const text = withVscode(before, vscodeEntry(about))
  expect(text).toContain('\t// ours')
  expect(text).toContain('{ "name": "tests" }, // first')
  expect(text).toContain(`${eol}\t\t\t"name": "devk: web"`)
  expect(text.replaceAll('\r\n', '').includes('\n')).toBe(eol === '\n')
  expect(parse(text, undefined, { allowTrailingComma: true }).configurations).toHaveLength(2)
})

test('an entry of the same name gets the new port and keeps what the user has added', () => {
  const before = withVscode('{}', { ...vscodeEntry(about), preLaunchTask: 'mine' })
  const text = withVscode(before.replace('"version"', '"version"'), vscodeEntry({ ...about, port: 9300 }))
  const { configurations } = JSON.parse(text)
  expect(configurations).toHaveLength(1)
  expect(configurations[0]).toMatchObject({ port: 9300, preLaunchTask: 'mine' })
})

test.each([
  ['{\n  "configurations": [\n    {"name" "x"}\n  ]\n}', 3],
  ['[]', 1],
  ['{"configurations": {}}', 1],
])('a file that VS Code cannot read either is an error with its line: %j', (text, line) => {
  expect(() => withVscode(text, vscodeEntry(about))).toThrow(
    expect.objectContaining({ code: 'USAGE', message: expect.stringContaining(`.vscode/launch.json:${line} `) }),
  )
})

test('JetBrains IDEs get a run configuration whose texts are XML', () => {
  const mappings = [
    { local: '.', remote: '/app' },
    { local: 'a&b', remote: '/srv/"x"' },
  ]
  const text = jetbrainsText({ ...about, mappings })
  expect(text).toContain('name="devk: web" type="ChromiumRemoteDebugType" factoryName="Chromium Remote" port="9229"')
  expect(text).toContain('<mapping url="file:///app" local-file="$PROJECT_DIR$" />')
  expect(text).toContain('<mapping url="file:///srv/&quot;x&quot;" local-file="$PROJECT_DIR$/a&amp;b" />')
  expect(jetbrainsFile('../web')).toBe('.idea/runConfigurations/devk____web.xml')
})

async function project() {
  const folder = await mkdtemp(join(tmpdir(), 'devk-editors-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const root = join(folder, 'project')
  await mkdir(root)
  return { outside: folder, file: { root, path: '.vscode/launch.json' } }
}

test('a file is written with its folder, and nothing else is left beside it', async () => {
  const { file } = await project()
  expect(await readEditorFile(file)).toBeUndefined()
  await writeEditorFile(file, 'one')
  await writeEditorFile(file, 'two')
  expect(await readEditorFile(file)).toBe('two')
  expect(await readdir(join(file.root, '.vscode'))).toEqual(['launch.json'])
})

test.each(['.vscode', '.vscode/launch.json'])('a link %s that leads out of the project is refused', async (link) => {
  const { outside, file } = await project()
  await mkdir(join(outside, 'theirs'))
  await writeFile(join(outside, 'theirs/launch.json'), 'theirs')
  const isFile = link.endsWith('json')
  if (isFile) await mkdir(join(file.root, '.vscode'))
  await symlink(join(outside, isFile ? 'theirs/launch.json' : 'theirs'), join(file.root, link))
  await expect(readEditorFile(file)).rejects.toMatchObject({ code: 'USAGE' })
  await expect(writeEditorFile(file, 'ours')).rejects.toMatchObject({ code: 'USAGE' })
  expect(await readFile(join(outside, 'theirs/launch.json'), 'utf8')).toBe('theirs')
})

test('a link inside the project stays a link, and a folder in the place of the file is an error', async () => {
  const { file } = await project()
  await mkdir(join(file.root, '.vscode'))
  await writeFile(join(file.root, 'shared.json'), '{}')
  await symlink('../shared.json', join(file.root, file.path))
  await writeEditorFile(file, 'ours')
  expect((await lstat(join(file.root, file.path))).isSymbolicLink()).toBe(true)
  expect(await readFile(join(file.root, 'shared.json'), 'utf8')).toBe('ours')
  const folder = { ...file, path: '.vscode' }
  await expect(readEditorFile(folder)).rejects.toMatchObject({ code: 'USAGE' })
})

test('for Go, both kinds of editors get what attaches to Delve and leaves the program running', () => {
  const go = { ...about, runtime: 'go', port: 2345, mappings: [{ local: 'api', remote: '/src' }] } as const
  expect(vscodeEntry(go)).toEqual({
    ...{ name: 'devk: web', type: 'go', request: 'attach', mode: 'remote', debugAdapter: 'dlv-dap' },
    ...{ host: '127.0.0.1', port: 2345, substitutePath: [{ from: `\${workspaceFolder}/api`, to: '/src' }] },
  })
  expect(jetbrainsText(go)).toMatch(/type="GoRemoteDebugConfigurationType" factoryName="Go Remote" .*port="2345"/)
  expect(jetbrainsText(go)).toContain('<disconnect value="LEAVE" />')
})
