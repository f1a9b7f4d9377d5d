import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { execaRunner } from '../../../../src/exec/runner.ts'
import { tarStream } from '../../../../src/lib/streams/tar.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-tar-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('tar reads back what was added', async () => {
  const file = join(folder, 'large.txt')
  await writeFile(file, 'from a file, and more')
  const stream = tarStream(async (tar) => {
    await tar.folder({ name: 'app', mode: 0o755 })
    await tar.bytes({ name: 'app/a.txt', mode: 0o640 }, Buffer.from('héllo'))
    await tar.file({ name: 'app/b.txt' }, file, 11)
    await tar.file({ name: 'app/empty' }, file, 0)
    await tar.link({ name: 'app/link' }, 'a.txt')
  })
  const runner = execaRunner(process.env)
  const input = await buffer(stream)
  const unpack = await runner.run('tar', ['-x', '-C', folder], { input })
  expect(unpack).toMatchObject({ exitCode: 0 })
  const shown = await runner.run('sh', ['-c', 'cat a.txt b.txt empty; readlink link'], {
    cwd: join(folder, 'app'),
  })
  expect(shown.stdout).toBe('héllofrom a filea.txt')
  expect((await stat(join(folder, 'app', 'a.txt'))).mode & 0o777).toBe(0o640)
})

test('a file that became shorter ends the stream with an error', async () => {
  const file = join(folder, 'short.txt')
  await writeFile(file, 'abc')
  await expect(buffer(tarStream((tar) => tar.file({ name: 'a' }, file, 10)))).rejects.toThrow('Size mismatch')
})

test('an error while it is filled ends the stream with it', async () => {
  const failing = tarStream(async () => {
    throw new Error('gone')
  })
  await expect(buffer(failing)).rejects.toThrow('gone')
})
