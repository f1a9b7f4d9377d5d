import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { ContextEntry } from '../../../../src/images/build/context.ts'
import { openDigestCache } from '../../../../src/images/build/digest-cache.ts'

const project = { context: '/project', key: 'key' }
const entry = { path: '.env', kind: 'file', size: 1, mtimeMs: 1, ctimeMs: 1, inode: 1 } as ContextEntry

test('only the user can read the digests of files, also in the folder of an older devk', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'devk-digests-'))
  onTestFinished(() => rm(parent, { recursive: true }))
  const folder = join(parent, 'digests')
  await mkdir(folder, { mode: 0o755 })
  const cache = await openDigestCache(folder, project, () => 10_000)
  expect(cache.known(entry)).toBe(undefined)
  await cache.save([entry], new Map([['.env', 'digest']]))
  const [file = ''] = await readdir(folder)
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600)
  expect((await openDigestCache(folder, project, () => 10_000)).known(entry)).toBe('digest')
})
