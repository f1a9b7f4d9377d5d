import { chmod, chown, mkdir, mkdtemp, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { adoptTools, isInstalled, kindFits, kubectlFits, type Tool, toolPath } from '../../../src/host/tools.ts'
import { fakeRunner } from '../../fakes/runner.ts'

let folder = ''
const at = (...leaves: string[]) => join(folder, ...leaves)

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-tools-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function program(...leaves: string[]): Promise<string> {
  await mkdir(at(...leaves.slice(0, -1)), { recursive: true })
  await writeFile(at(...leaves), '')
  await chmod(at(...leaves), 0o755)
  return at(...leaves)
}

function adopt(names: readonly Tool[], answers: Parameters<typeof fakeRunner>[0], path = `${at('a')}:${at('b')}`) {
  const { signal } = new AbortController()
  return adoptTools(names, { runner: fakeRunner(answers), bin: at('cache', 'bin'), path, signal })
}

test.each([
  ['0.30.0', true],
  ['v0.33.0', true],
  ['0.29.0', false],
  ['0.30.0-alpha', false],
  ['0.31.0-alpha+1f3c', true],
  ['1.0.0', false],
  ['nonsense', false],
])('kind %s is suitable: %s', (version, expected) => {
  expect(kindFits(version)).toBe(expected)
})

test.each([
  ['1.34.4', true],
  ['v1.33.0', true],
  ['1.35.1', true],
  ['1.32.9', false],
  ['1.36.0', false],
  ['2.34.0', false],
])('kubectl %s is suitable: %s', (version, expected) => {
  expect(kubectlFits(version)).toBe(expected)
})

test('a tool that devk has is not looked for again', async () => {
  await program('cache', 'bin', 'kind')
  expect(await adopt(['kind'], {})).toEqual([])
})

test('the first suitable program on PATH is linked', async () => {
  const old = await program('a', 'kind')
  const good = await program('b', 'kind')
  expect(await adopt(['kind'], { [`${old} version -q`]: '0.20.0', [`${good} version -q`]: '0.30.0' })).toEqual([])
  expect(await readlink(at('cache', 'bin', 'kind'))).toBe(good)
})

test('several devk at once link the same program, and leave nothing else', async () => {
  const good = await program('a', 'kind')
  await mkdir(at('cache', 'bin'), { recursive: true })
  await symlink(at('gone'), at('cache', 'bin', 'kind'))
  const each = () => adopt(['kind'], { [`${good} version -q`]: '0.30.0' })
  expect(await Promise.all(Array.from({ length: 8 }, each))).toEqual(Array.from({ length: 8 }, () => []))
  expect(await readdir(at('cache', 'bin'))).toEqual(['kind'])
  expect(await readlink(at('cache', 'bin', 'kind'))).toBe(good)
})

test('a kubectl that is a wrapper script is not used', async () => {
  const wrapper = await program('a', 'kubectl')
  const asked = `${wrapper} version --client --output json`
  expect(await adopt(['kubectl'], { [asked]: '{"clientVersion":{"gitVersion":"v1.32.4-dispatcher"}}' })).toEqual([
    'kubectl',
  ])
})

test('a kubectl is used only with a suitable version', async () => {
  const old = await program('a', 'kubectl')
  const good = await program('b', 'kubectl')
  const says = (version: string) => `{"clientVersion":{"gitVersion":"${version}"}}`
  const asked = (file: string) => `${file} version --client --output json`
  const answers = { [asked(old)]: says('v1.29.3'), [asked(good)]: says('v1.34.1') }
  expect(await adopt(['kubectl'], answers)).toEqual([])
  expect(await readlink(at('cache', 'bin', 'kubectl'))).toBe(good)
})

test('a link whose program no longer exists is replaced', async () => {
  const good = await program('a', 'kind')
  await mkdir(at('cache', 'bin'), { recursive: true })
  await symlink(at('gone'), at('cache', 'bin', 'kind'))
  expect(await adopt(['kind'], { [`${good} version -q`]: '0.30.0' })).toEqual([])
  expect(await readlink(at('cache', 'bin', 'kind'))).toBe(good)
})

test('a link to a program that is not on PATH any more is replaced: another project may have brought it', async () => {
  const foreign = await program('other', 'tools', 'kind')
  const good = await program('a', 'kind')
  await mkdir(at('cache', 'bin'), { recursive: true })
  await symlink(foreign, at('cache', 'bin', 'kind'))
  expect(await adopt(['kind'], { [`${good} version -q`]: '0.30.0' })).toEqual([])
  expect(await readlink(at('cache', 'bin', 'kind'))).toBe(good)
})

test('a program of a package is not used, nor one that PATH reaches through a link to it', async () => {
  const evil = await program('repo', 'node_modules', 'kubectl', 'kubectl')
  await mkdir(at('a'))
  await symlink(evil, at('a', 'kubectl'))
  expect(await adopt(['kubectl'], {}, `${at('a')}:${at('repo', 'node_modules', 'kubectl')}`)).toEqual(['kubectl'])
})

test('a program that belongs to somebody else is not used', async () => {
  const file = await program('a', 'kind')
  if (process.getuid?.() === 0) await chown(file, 65534, 65534)
  const deps = { runner: fakeRunner({}), bin: at('cache', 'bin'), path: at('a'), uid: 12_345 }
  expect(await adoptTools(['kind'], { ...deps, signal: new AbortController().signal })).toEqual(['kind'])
})

test('finding a program links nothing', async () => {
  const good = await program('a', 'kind')
  const deps = { runner: fakeRunner({ [`${good} version -q`]: '0.30.0' }), bin: at('cache', 'bin'), path: at('a') }
  const { signal } = new AbortController()
  expect(await toolPath('kind', { ...deps, signal })).toBe(good)
  expect(await toolPath('kind', { ...deps, path: '', signal })).toBe(at('cache', 'bin', 'missing', 'kind'))
  await expect(readlink(at('cache', 'bin', 'kind'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('relative folders on PATH are ignored', async () => {
  expect(await adopt(['kind', 'kubectl'], {}, '.:bin:')).toEqual(['kind', 'kubectl'])
})

test('a program is searched in each folder of a path, without files that are not executable', async () => {
  await program('b', 'minikube')
  await mkdir(at('c'))
  await writeFile(at('c', 'kind'), '')
  const path = `${at('a')}:b:${at('b')}:${at('c')}`
  expect(await Promise.all(['minikube', 'kind'].map((name) => isInstalled(name, path)))).toEqual([true, false])
})
