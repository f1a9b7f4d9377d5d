import { createHash } from 'node:crypto'
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type BaseImage, buildContent, type HashedBuild } from '../../../../src/images/build/content.ts'
import { contextFiles } from '../../../../src/images/build/context.ts'

let folder = ''
let context = ''
const later = () => Date.now() + 60_000
const now = () => Date.now()

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-unit-'))
  context = join(folder, 'context')
  await mkdir(join(context, 'src'), { recursive: true })
  await writeFile(join(context, 'Dockerfile'), 'FROM scratch\nARG A\nARG C\nCOPY . /\n')
  await writeFile(join(context, '.dockerignore'), 'ignored\n')
  await writeFile(join(context, 'src/a b\n"c'), 'a')
  await writeFile(join(context, 'src/-x'), 'x')
})
const dockerfile = (text: string) => writeFile(join(context, 'Dockerfile'), text)

afterEach(() => rm(folder, { recursive: true, force: true }))

const hash = async (changes: Partial<HashedBuild> = {}, clock = later, bases: Record<string, BaseImage> = {}) => {
  const given = { context, dockerfile: join(context, 'Dockerfile'), target: undefined, args: {}, platform: undefined }
  const build = { ...given, contexts: {}, caCertificates: undefined, ...changes }
  const content = await buildContent(build, { cacheFolder: join(folder, 'cache'), keyFile: join(folder, 'key'), clock })
  return content.hash(new Map(Object.entries(bases)))
}

test('a short secret cannot be guessed from what is kept of it: the digests have a key', async () => {
  await writeFile(join(context, '.env'), 'PIN=1234')
  const first = await hash()
  const cache = join(folder, 'cache')
  const [file = ''] = await readdir(cache)
  const kept = await readFile(join(cache, file), 'utf8')
  const plain = createHash('sha256').update('PIN=1234').digest('hex')
  expect([kept.includes(' .env\0'), kept.includes(plain)]).toEqual([true, false])
  expect((await stat(join(folder, 'key'))).mode & 0o777).toBe(0o600)
  await rm(join(folder, 'key'))
  expect(await hash()).not.toBe(first)
})

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

test('what the Dockerfile does not take is not in the hash', async () => {
  await dockerfile(
    'FROM node AS a\nCOPY src /src\nFROM a AS other\nCOPY other /\nFROM scratch\nARG A\nCOPY --from=a /src /\n',
  )
  const bases = { node: { id: 'sha256:1', triggers: false } }
  const now = (changes: Partial<HashedBuild> = {}) => hash({ args: { A: '1' }, ...changes }, later, bases)
  const before = await now()
  await writeFile(join(context, 'README.md'), 'x')
  await mkdir(join(context, '.git'))
  await writeFile(join(context, 'other'), 'x')
  expect(await now({ args: { A: '1', COMMIT: 'abc' } })).toBe(before)
  expect(await now({ args: { A: '2' } })).not.toBe(before)
  await writeFile(join(context, 'src/-x'), 'y')
  expect(await now()).not.toBe(before)
})

test('the content of a base image is part of the hash; one that may copy anything takes the whole context', async () => {
  await dockerfile('FROM node\nCOPY src /src\n')
  const of = (id: string | undefined, triggers = false) => hash({}, later, { node: { id, triggers } })
  const before = [await of('sha256:1'), await of('sha256:2'), await of(undefined), await of('sha256:1', true)]
  expect(new Set(before).size).toBe(before.length)
  await writeFile(join(context, 'README.md'), 'x')
  const after = [await of('sha256:1'), await of('sha256:2'), await of(undefined), await of('sha256:1', true)]
  expect(after.map((each, i) => each === before[i])).toEqual([true, true, false, false])
})

test('the files of another context are part of the hash, without those that its ignore file names', async () => {
  const shared = join(folder, 'shared')
  await mkdir(shared)
  await writeFile(join(shared, 'lib'), '1')
  await writeFile(join(shared, '.dockerignore'), 'notes\n.dockerignore\n')
  await dockerfile('FROM scratch\nCOPY --from=shared lib /lib\n')
  const now = () => hash({ contexts: { shared } })
  const before = await now()
  await writeFile(join(shared, 'notes'), 'x')
  await writeFile(join(context, 'src/-x'), 'y')
  expect(await now()).toBe(before)
  await writeFile(join(shared, 'lib'), '2')
  expect(await now()).not.toBe(before)
})

describe('whether a source was written since it was hashed', () => {
  const reading = async (text: string) => {
    await dockerfile(text)
    const build = { context, dockerfile: join(context, 'Dockerfile'), target: undefined, args: {}, platform: undefined }
    const options = { cacheFolder: join(folder, 'cache'), keyFile: join(folder, 'key'), clock: later }
    return buildContent({ ...build, contexts: { more: join(folder, 'more') }, caCertificates: undefined }, options)
  }
  beforeEach(async () => {
    await mkdir(join(folder, 'more'))
    await writeFile(join(folder, 'more/m'), '1')
  })

  test.each<[string, () => Promise<unknown>, string]>([
    ['another content and then the first one', () => writeFile(join(context, 'src/-x'), 'x'), 'src/-x'],
    ['a new file', () => writeFile(join(context, 'src/new'), ''), 'src/new'],
    ['a file of another context', () => writeFile(join(folder, 'more/m'), '1'), 'm'],
  ])('is known for %s', async (_, change, file) => {
    const { changed } = await reading('FROM scratch\nCOPY . /\nCOPY --from=more . /\n')
    expect(await changed()).toBeUndefined()
    await sleep(20)
    await change()
    expect(await changed()).toBe(file)
  })

  test('does not ask for files that are in no image, or for temporary files of editors', async () => {
    const { changed } = await reading('FROM scratch\nCOPY src /\n')
    await sleep(20)
    await writeFile(join(context, 'README'), '')
    await writeFile(join(context, 'src/.x.swp'), '')
    await rm(join(context, 'src/.x.swp'))
    expect(await changed()).toBeUndefined()
  })
})
