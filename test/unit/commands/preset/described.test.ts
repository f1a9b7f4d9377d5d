import { readdirSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { runPresetAdd } from '../../../../src/commands/preset/add.ts'
import type { PresetAddFlags } from '../../../../src/commands/preset/entry.ts'
import { entryOf } from '../../../../src/commands/preset/entry.ts'
import { runPresetList, runPresetShow } from '../../../../src/commands/preset/list.ts'
import { runPresetUpdate } from '../../../../src/commands/preset/update.ts'
import type { CliContext, CommandFunction } from '../../../../src/context.ts'
import { listening } from '../../../support/git-server.ts'
import { fakeHelm, folderWith } from '../../manifests/charts/support.ts'

/** Each command reads the whole configuration, which takes long on a busy machine. */
const busy = { timeout: 60_000 }

const none: PresetAddFlags = { values: [], manifests: [] }
const manifest = (image: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: mail }\nspec: { containers: [{ name: a, image: ${image} }] }\n`

/** A project, and a server of one file of manifests that counts its requests. */
async function project(file = 'platform.config.yaml', content = '# ours\nname: shop\n') {
  const root = await folderWith({ [file]: content })
  const state = { text: manifest('mail:1.0'), requests: 0 }
  const server = createServer((_request, response) => {
    state.requests++
    response.end(state.text)
  })
  const url = `http://127.0.0.1:${await listening(server)}/install.yaml`
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const run = async <F>(command: CommandFunction<F>, args: string[], flags: F): Promise<string> => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()]
    const ctx = {
      ...{ cwd: root, env: {}, stdout, stderr, columns: 200, json: false },
      packageRoot: fileURLToPath(new URL('../../../../', import.meta.url)),
      runner: fakeHelm({ mail: { '1.2.3': 'archive' } }).runner,
      paths: {
        charts: join(root, 'cache'),
        allowed: { folder: join(root, 'allowed'), keyFile: join(root, 'digest-key') },
        bin: '',
        projects: join(root, 'projects'),
      },
      signal: AbortSignal.timeout(10_000),
    } as unknown as CliContext
    expect(await command(ctx, args, flags)).toBe(0)
    stdout.end()
    stderr.end()
    return (await text(stdout)) + (await text(stderr))
  }
  const add = (name: string, flags: Partial<PresetAddFlags>) => run(runPresetAdd, [name], { ...none, ...flags })
  return { root, state, url, server, run, add, read: (name = file) => readFile(join(root, name), 'utf8') }
}

test('add writes the description, fetches it and notes its digest', busy, async () => {
  const { add, read, url, state } = await project()
  expect(await add('mail', { manifests: [url], namespace: 'post' })).toMatch(/install\.yaml {2}sha256:.*✔ Added mail/s)
  expect(await read()).toBe(
    `# ours\nname: shop\npresets:\n  - name: mail\n    manifests: ${url}\n    namespace: post\n`,
  )
  expect(await read('devk.lock')).toContain(`- url: ${url}`)
  expect(await add('mail', { manifests: [url] })).toContain('already contains the preset mail')
  expect(state.requests).toBe(1)
})

test('add takes a chart, and its version goes to the lock', busy, async () => {
  const { add, read } = await project('platform.config.json', '{ "name": "shop" }\n')
  await add('mail', { chart: 'mail', repo: 'https://charts.example.com', version: '^1' })
  expect(await read()).toBe(
    '{ "name": "shop", "presets": [{"chart":"mail","repo":"https://charts.example.com","version":"^1"}] }\n',
  )
  expect(await read('devk.lock')).toContain('version: 1.2.3')
})

test(
  'a configuration that devk cannot extend stays as it is, and the message has the line to write',
  busy,
  async () => {
    const { add, read, root, url } = await project('platform.config.yaml', 'name: shop\npresets: &a []\nx: *a\n')
    const before = await read()
    await expect(add('mail', { manifests: [url], git: 'https://example.com/a' })).rejects.toThrow()
    expect(await read()).toBe(before)
    expect(readdirSync(root)).not.toContain('devk.lock')
  },
)

test('what cannot be fetched is not added', busy, async () => {
  const { add, read, root, url, server } = await project()
  server.closeAllConnections()
  server.close()
  await expect(add('mail', { manifests: [url] })).rejects.toMatchObject({ code: 'CHART_MISSING' })
  expect([await read(), readdirSync(root).includes('devk.lock')]).toEqual(['# ours\nname: shop\n', false])
})

test('a path outside of a preset, and flags without an origin, are refused', busy, async () => {
  const { add, read } = await project()
  await expect(add('mail', { version: '1' })).rejects.toMatchObject({
    code: 'USAGE',
    hint: expect.stringContaining('--chart, --git'),
  })
  await expect(add('mail', { chart: './none' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  expect(await read()).toBe('# ours\nname: shop\n')
})

test('list and show know the preset, and fetch nothing', busy, async () => {
  const { add, run, url, state } = await project()
  await add('mail', { manifests: [url] })
  expect(await run(runPresetList, [], {})).toMatch(/^mail +\w{12} .*install\.yaml/m)
  const shown = await run(runPresetShow, ['mail'], {})
  expect(shown).toMatch(/images {5}mail:1\.0.*objects {4}Pod mail/s)
  expect(state.requests).toBe(1)
  const rendered = await project('platform.config.yaml', 'name: a\npresets: [{ kustomize: ./mail }]\n')
  await mkdir(join(rendered.root, 'mail'))
  await writeFile(join(rendered.root, 'mail/kustomization.yaml'), '')
  expect(await rendered.run(runPresetShow, ['mail'], {})).toContain('devk plan shows them')
})

test('list and show run neither the code of a configuration nor a program', busy, async () => {
  const code =
    "globalThis.ranBy = 'list'\nexport default { name: 'shop', presets: [{ name: 'mail', chart: './mail' }] }\n"
  const { run } = await project('platform.config.mjs', code)
  expect(await run(runPresetList, [], {})).not.toContain('mail')
  await expect(run(runPresetShow, ['mail'], {})).rejects.toMatchObject({ code: 'USAGE' })
  expect(globalThis).not.toHaveProperty('ranBy')
})

test('update renews the lock; before, other content is refused on another machine', busy, async () => {
  const { add, run, read, url, state } = await project()
  await add('mail', { manifests: [url] })
  const before = await read('devk.lock')
  state.text = manifest('mail:2.0')
  expect(await run(runPresetUpdate, ['mail'], {})).toContain('new in devk.lock')
  expect(await read('devk.lock')).not.toBe(before)
  expect(await run(runPresetShow, ['mail'], {})).toContain('mail:2.0')
  await expect(run(runPresetUpdate, ['jaeger'], {})).rejects.toMatchObject({
    code: 'USAGE',
    hint: expect.stringContaining('mail'),
  })
})

test('paths of the command line are those of the configuration, whichever folder devk is called in', () => {
  const flags = { ...none, chart: '../charts/mail', values: ['dev.yaml', '/p/all.yaml'] }
  expect(entryOf('mail', flags, { cwd: '/p/ops', root: '/p' })).toEqual({
    chart: './charts/mail',
    values: ['./ops/dev.yaml', './all.yaml'],
  })
  expect(entryOf('own', { ...none, kustomize: '.' }, { cwd: '/p/ops', root: '/p' })).toEqual({
    name: 'own',
    kustomize: './ops',
  })
  expect(entryOf('jaeger', none, { cwd: '/p', root: '/p' })).toBeUndefined()
})
