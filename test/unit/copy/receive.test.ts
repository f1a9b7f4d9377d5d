import { lstatSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'
import { expect, test } from 'vitest'
import { receive } from '../../../src/copy/receive.ts'
import { folder } from '../config/support.ts'

type Header = Parameters<ReturnType<typeof pack>['entry']>[0]
/** A tar with these entries, as a container might send it. */
function archive(...entries: readonly (Header & { readonly text?: string })[]) {
  const tar = pack()
  for (const { text = '', ...header } of entries) tar.entry(header, text)
  tar.finalize()
  return Readable.from(tar, { objectMode: false })
}
const file = (name: string, text = 'evil') => ({ name, text, mode: 0o644 })

test('a folder comes with what is below, modes included', async () => {
  const root = folder({ 'out/old': 'old', 'out/a/same': 'old' })
  const tar = archive(
    { name: './app/', type: 'directory' },
    { ...file('./app/run.sh', 'run'), mode: 0o4755 },
    file('./app/a/same', 'new'),
    { name: './app/empty', type: 'directory' },
  )
  expect(await receive(tar, 'app', join(root, 'out'))).toEqual({ files: 2, bytes: 6, skipped: [] })
  expect(readdirSync(join(root, 'out')).sort()).toEqual(['a', 'empty', 'old', 'run.sh'])
  expect(readFileSync(join(root, 'out/a/same'), 'utf8')).toBe('new')
  expect(lstatSync(join(root, 'out/run.sh')).mode & 0o7700).toBe(0o700)
})

test('one file gets the name that was asked for, and replaces a link instead of following it', async () => {
  const root = folder({ kept: 'kept' })
  symlinkSync('kept', join(root, 'report.csv'))
  await receive(archive(file('./data.csv', 'new')), 'data.csv', join(root, 'report.csv'))
  expect(readFileSync(join(root, 'kept'), 'utf8')).toBe('kept')
  expect(readFileSync(join(root, 'report.csv'), 'utf8')).toBe('new')
})

test.each([
  ['a path with ..', file('app/../../outside/evil')],
  ['an absolute path', file('/app/evil')],
  ['another name than was asked for', file('outside/evil')],
  ['a path of ..', file('../outside/evil')],
  ['through a link that is here', file('app/link/evil')],
  ['a folder through a link that is here', { name: 'app/link/folder', type: 'directory' as const }],
  ['over a folder that is here', file('app/folder')],
  ['a link', { name: 'app/l', type: 'symlink' as const, linkname: '/etc/passwd' }],
  ['another name of a file that was not sent', { name: 'app/h', type: 'link' as const, linkname: '/etc/passwd' }],
  ['a device', { name: 'app/d', type: 'character-device' as const, devmajor: 1, devminor: 3 }],
  ['a pipe', { name: 'app/p', type: 'fifo' as const }],
])('what a hostile container sends is left out, and said: %s', async (_name, entry) => {
  const root = folder({ 'outside/kept': '', 'out/folder/kept': '' })
  symlinkSync('../outside', join(root, 'out/link'))
  const { files, skipped } = await receive(archive(entry, file('app/good', 'good')), 'app', join(root, 'out'))
  expect([files, skipped]).toEqual([1, [expect.stringContaining(entry.name)]])
  expect(readdirSync(root).sort()).toEqual(['out', 'outside'])
  expect(readdirSync(join(root, 'outside'))).toEqual(['kept'])
  expect(readdirSync(join(root, 'out')).sort()).toEqual(['folder', 'good', 'link'])
})

test('a link after a file cannot lead the next file out', async () => {
  const root = folder({ 'outside/kept': '' })
  const tar = archive({ name: 'app/x', type: 'symlink', linkname: join(root, 'outside') }, file('app/x/evil'))
  await receive(tar, 'app', join(root, 'out'))
  expect(readdirSync(join(root, 'outside'))).toEqual(['kept'])
  expect(lstatSync(join(root, 'out/x')).isDirectory()).toBe(true)
})

test('a target that is a link to a folder elsewhere is not followed', async () => {
  const root = folder({ 'outside/kept': '' })
  symlinkSync('outside', join(root, 'app'))
  const { skipped } = await receive(archive(file('app/evil')), 'app', join(root, 'app'))
  expect([skipped.length, readdirSync(join(root, 'outside'))]).toEqual([1, ['kept']])
})

test('a second name of a file that was sent is a file of its own', async () => {
  const root = folder({})
  const tar = archive(file('app/a', 'text'), { name: 'app/b', type: 'link', linkname: 'app/a' })
  expect((await receive(tar, 'app', join(root, 'out'))).files).toBe(2)
  expect(readFileSync(join(root, 'out/b'), 'utf8')).toBe('text')
})

test.each(['ends', 'breaks'])('a tar that %s too early leaves what was there, and nothing beside it', async (how) => {
  const root = folder({ 'out/data': 'before' })
  const whole = await buffer(archive(file('app/data', 'x'.repeat(2000))))
  const tar = new PassThrough()
  tar.write(whole.subarray(0, 1024))
  const receiving = receive(tar, 'app', join(root, 'out'))
  if (how === 'ends') tar.end()
  else setTimeout(() => tar.destroy(new Error('the connection broke')), 20)
  await expect(receiving).rejects.toThrow()
  expect(readdirSync(join(root, 'out'))).toEqual(['data'])
  expect(readFileSync(join(root, 'out/data'), 'utf8')).toBe('before')
})
