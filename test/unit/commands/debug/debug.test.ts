import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { editorOf, offerEditor } from '../../../../src/commands/debug/editors.ts'
import { mappingsIn } from '../../../../src/commands/debug/mappings.ts'
import { tell } from '../../../../src/commands/debug/tell.ts'
import { resolveConfig } from '../../../../src/config/resolve.ts'
import { configSchema } from '../../../../src/config/schema.ts'
import type { CliContext } from '../../../../src/context.ts'

const about = { service: 'web', runtime: 'node', port: 9229, mappings: [{ local: 'web', remote: '/app' }] } as const
const attached = {
  ...{ port: 9229, own: false, text: 'Node v22.0.0, process 7: node server.js', cwd: '/app' },
  place: { pod: { namespace: 'shop', name: 'web-1' }, container: 'main' },
}

function contextOf(more: Partial<CliContext>) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const ctx = { stdin, stdout, stderr, screen: stderr, signal: new AbortController().signal, json: false, ...more }
  return { ctx: ctx as unknown as CliContext, stdin, stdout, stderr }
}

async function project() {
  const root = await mkdtemp(join(tmpdir(), 'devk-debug-'))
  onTestFinished(() => rm(root, { recursive: true }))
  return root
}

test.each<[object, string[]]>([
  [{ sync: [{ from: 'web/src', to: '/app/src' }], build: { context: 'web' } }, ['web=/app']],
  [{ build: { context: 'web' } }, ['web=/srv']],
  [{ build: { context: '.' } }, ['.=/srv']],
  [{ image: 'web' }, []],
])('the sources of a service with %j are mapped', async (service, expected) => {
  const config = configSchema.parse({ name: 'shop', services: { web: service } })
  const loaded = resolveConfig(config, '/p/platform.config.ts', '/p')
  expect((await mappingsIn(loaded, 'web', { cwd: '/srv' })).map(({ local, remote }) => `${local}=${remote}`)).toEqual(
    expected,
  )
})

test('--json has everything that a client needs, and nothing else is written to stdout', async () => {
  const { ctx, stdout } = contextOf({ json: true })
  await tell(ctx, { about, attached, written: undefined })
  stdout.end()
  expect(JSON.parse(await text(stdout))).toEqual({
    ...{ service: 'web', runtime: 'node', address: '127.0.0.1:9229', pod: 'web-1', container: 'main', wrote: null },
    mappings: [{ local: 'web', remote: '/app' }],
  })
})

test('people read what is debugged, where, and how it ends', async () => {
  const { ctx, stderr } = contextOf({})
  await tell(ctx, { about, attached, written: '.vscode/launch.json' })
  stderr.end()
  const told = await text(stderr)
  for (const part of ['node server.js', 'shop/web-1', '127.0.0.1:9229', 'web is /app', '"devk: web"', 'Ctrl-C']) {
    expect(told).toContain(part)
  }
})

test.each(['vscode', 'jetbrains'] as const)(
  'the file for %s is written once, and a check writes nothing',
  async (name) => {
    const root = await project()
    const editor = editorOf(name, root)
    await editor.check('web')
    await expect(readFile(join(root, editor.pathOf('web')), 'utf8')).rejects.toMatchObject({ code: 'ENOENT' })
    expect([await editor.write(about), await editor.write(about)]).toEqual([true, false])
    expect(await readFile(join(root, editor.pathOf('web')), 'utf8')).toContain('devk: web')
  },
)

test('a launch.json that cannot be read is an error of the check', async () => {
  const root = await project()
  await mkdir(join(root, '.vscode'))
  await writeFile(join(root, '.vscode/launch.json'), '{\n"a" 1}')
  await expect(editorOf('vscode', root).check('web')).rejects.toMatchObject({ code: 'USAGE' })
})

test.each([
  ['y\n', '.vscode', '.vscode/launch.json', true],
  ['n\n', '.vscode', '.vscode/launch.json', false],
  ['y\n', '.idea', '.idea/runConfigurations/devk_web.xml', true],
])('the answer %j in a project with %s decides about %s', async (answer, folder, path, written) => {
  const root = await project()
  await mkdir(join(root, folder))
  const { ctx, stdin } = contextOf({ isTTY: true })
  stdin.end(answer)
  await offerEditor(ctx, root, about)
  const found = await readFile(join(root, path), 'utf8').catch(() => undefined)
  expect(found !== undefined).toBe(written)
})

test('what is there already is not asked for', async () => {
  const root = await project()
  await editorOf('vscode', root).write(about)
  const { ctx, stderr } = contextOf({ isTTY: true })
  await offerEditor(ctx, root, about)
  expect(stderr.read()).toBeNull()
})
