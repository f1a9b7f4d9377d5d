import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { kitCache } from '../../../src/kit/cache.ts'

const [old, key] = ['0'.repeat(16), 'a'.repeat(16)]
let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'devk-kit-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function outputOf(name: string, content: string): Promise<string> {
  const cache = kitCache(root)
  const out = join(cache.workDir(name, key), 'out')
  await mkdir(out, { recursive: true })
  await writeFile(join(out, name), content)
  return out
}

test('an output exists once it is published, and not before', async () => {
  const cache = kitCache(root)
  const out = await outputOf('etcd', '12345')
  expect(await cache.published('etcd', key)).toBeUndefined()
  await cache.publish('etcd', key, out)
  expect(await cache.published('etcd', key)).toBe(5)
  expect(await cache.published('etcd', old)).toBeUndefined()
})

test('publishing removes older outputs and work folders of that recipe only', async () => {
  const cache = kitCache(root)
  await mkdir(cache.outputDir('etcd', old), { recursive: true })
  await mkdir(cache.outputDir('etcd-ui', old), { recursive: true })
  await cache.publish('etcd', key, await outputOf('etcd', 'x'))
  expect((await readdir(join(root, 'kit'))).sort()).toEqual([`etcd-${key}`, `etcd-ui-${old}`, 'work'])
  expect(await readdir(join(root, 'kit', 'work'))).toEqual([])
})

test('a program is linked, and the link moves to a newer output', async () => {
  const cache = kitCache(root)
  for (const content of ['one', 'two']) {
    await cache.publish('kind', key, await outputOf('kind', content))
    await cache.link('kind', join(cache.outputDir('kind', key), 'kind'))
    expect(await readFile(join(root, 'bin', 'kind'), 'utf8')).toBe(content)
  }
  expect(await readdir(join(root, 'bin'))).toEqual(['kind'])
})
