import { chmod, mkdir, mkdtemp, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { adoptTools, kindFits, type Tool } from '../../../src/host/tools.ts'
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
  return adoptTools(names, { runner: fakeRunner(answers), bin: at('bin'), path, signal })
}

test.each([
  ['0.30.0', true],
  ['v0.27.0', true],
  ['0.26.0', false],
  ['0.33.0', false],
  ['1.0.0', false],
  ['nonsense', false],
])('kind %s fits: %s', (version, expected) => {
  expect(kindFits(version)).toBe(expected)
})

test('what devk has is not asked for again', async () => {
  await program('bin', 'kind')
  expect(await adopt(['kind'], {})).toEqual([])
})

test('the first on PATH that fits is linked', async () => {
  const old = await program('a', 'kind')
  const good = await program('b', 'kind')
  expect(await adopt(['kind'], { [`${old} version -q`]: '0.20.0', [`${good} version -q`]: '0.30.0' })).toEqual([])
  expect(await readlink(at('bin', 'kind'))).toBe(good)
})

test('a kubectl that is a wrapper is passed over', async () => {
  const wrapper = await program('a', 'kubectl')
  const asked = `${wrapper} version --client --output json`
  expect(await adopt(['kubectl'], { [asked]: '{"clientVersion":{"gitVersion":"v1.32.4-dispatcher"}}' })).toEqual([
    'kubectl',
  ])
})

test('a link whose program is gone is made anew', async () => {
  const good = await program('a', 'kind')
  await mkdir(at('bin'))
  await symlink(at('gone'), at('bin', 'kind'))
  expect(await adopt(['kind'], { [`${good} version -q`]: '0.30.0' })).toEqual([])
  expect(await readlink(at('bin', 'kind'))).toBe(good)
})

test('relative folders on PATH are not looked into', async () => {
  expect(await adopt(['kind', 'kubectl'], {}, '.:bin:')).toEqual(['kind', 'kubectl'])
})
