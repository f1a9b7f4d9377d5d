import { chmod, mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { contextFiles } from '../../../../src/images/build/context.ts'
import { contextHash, type HashedBuild } from '../../../../src/images/build/context-hash.ts'

let folder = ''
let context = ''
const later = () => Date.now() + 60_000
const now = () => Date.now()

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-unit-'))
  context = join(folder, 'context')
  await mkdir(join(context, 'src'), { recursive: true })
  await writeFile(join(context, 'Dockerfile'), 'FROM scratch\n')
  await writeFile(join(context, '.dockerignore'), 'ignored\n')
  await writeFile(join(context, 'src/a b\n"c'), 'a')
  await writeFile(join(context, 'src/-x'), 'x')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const hash = (changes: Partial<HashedBuild> = {}, clock = later) => {
  const build = { context, dockerfile: join(context, 'Dockerfile'), target: undefined, args: {}, platform: undefined }
  return contextHash({ ...build, caCertificates: undefined, ...changes }, { cacheFolder: join(folder, 'cache'), clock })
}

test('the same tree gives the same hash, with the cache and without', async () => {
  const first = await hash()
  expect(first).toMatch(/^[0-9a-f]{16}$/)
  expect(await hash()).toBe(first)
  await rm(join(folder, 'cache'), { recursive: true })
  expect(await hash()).toBe(first)
})

test.each<[string, () => Promise<unknown>]>([
  ['a content', () => writeFile(join(context, 'src/-x'), 'y')],
  ['a mode', () => chmod(join(context, 'src/-x'), 0o755)],
  ['a name', () => rename(join(context, 'src/-x'), join(context, 'src/-y'))],
  ['an empty folder', () => mkdir(join(context, 'empty'))],
  ['a link', () => symlink('src', join(context, 'link'))],
  ['the Dockerfile', () => writeFile(join(context, 'Dockerfile'), 'FROM scratch \n')],
])('%s changes the hash', async (_, change) => {
  const before = await hash()
  await change()
  expect(await hash()).not.toBe(before)
})

test('an ignored file, a time and the target of a link do not change the hash', async () => {
  await mkdir(join(folder, 'outside'))
  await symlink(join(folder, 'outside'), join(context, 'link'))
  const before = await hash()
  await writeFile(join(context, 'ignored'), 'x')
  await writeFile(join(folder, 'outside/new'), 'x')
  await utimes(join(context, 'src/-x'), 1, 1)
  expect(await hash()).toBe(before)
})

test('target, arguments, platform and CA bundle change the hash', async () => {
  const bundle = join(folder, 'ca.pem')
  await writeFile(bundle, 'PEM')
  const hashes = [
    await hash(),
    await hash({ target: 'a' }),
    await hash({ platform: 'linux/a' }),
    await hash({ args: { A: 'b', C: 'd' } }),
    await hash({ args: { A: 'b:1:C1:d' } }),
    await hash({ caCertificates: bundle }),
  ]
  expect(new Set(hashes).size).toBe(hashes.length)
  expect(await hash({ args: { C: 'd', A: 'b' } })).toBe(hashes[3])
})

test('a file that was just written is read again even when its times are the same', async () => {
  const file = join(context, 'src/-x')
  await utimes(file, 1, 1)
  const before = await hash({}, now)
  await writeFile(file, 'z')
  await utimes(file, 1, 1)
  expect(await hash({}, now)).not.toBe(before)
})

test('a missing context and a missing Dockerfile are explained', async () => {
  await expect(hash({ dockerfile: join(context, 'nope') })).rejects.toMatchObject({ code: 'BUILD_FAILED' })
  await expect(hash({ context: join(folder, 'nope') })).rejects.toThrow('is not a folder')
})

test('an ignored folder is left out, except files that a negation includes again', async () => {
  await mkdir(join(context, 'docs/deep'), { recursive: true })
  await writeFile(join(context, 'docs/deep/keep'), '')
  await writeFile(join(context, 'docs/drop'), '')
  await writeFile(join(context, '.dockerignore'), 'docs\nsrc\n!docs/deep/keep\n')
  const found = await contextFiles({ context, dockerfile: join(context, 'Dockerfile') })
  expect(found.map((entry) => entry.path)).toEqual(['.dockerignore', 'Dockerfile', 'docs/deep/keep'])
})
