import { lstatSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, expect, test } from 'vitest'
import { pieceBytes } from '../../../src/sync/operations.ts'
import { transfer } from '../../../src/sync/transfer.ts'

const folder = mkdtempSync(join(tmpdir(), 'devk-transfer-'))
afterAll(() => rmSync(folder, { recursive: true }))

const signal = new AbortController().signal
const write = (name: string) => ({ kind: 'write' as const, from: join(folder, name), to: `/app/${name}` })

test('tells the time of change of each file that it sent, and none of what is gone', async () => {
  writeFileSync(join(folder, 'file'), 'a')
  symlinkSync('file', join(folder, 'link'))
  const stream = new Writable({ write: (_chunk, _encoding, done) => done() })
  const { versions } = await transfer(stream, ['file', 'link', 'gone'].map(write), signal)
  const timeOf = (name: string) => lstatSync(join(folder, name)).ctimeMs
  const expected = { '/app/file': timeOf('file'), '/app/link': timeOf('link'), '/app/gone': Number.NaN }
  expect(Object.fromEntries(versions)).toEqual(expected)
})

test('a file that is written while it is read has no time of change', async () => {
  const path = join(folder, 'large')
  writeFileSync(path, Buffer.alloc(2 * pieceBytes))
  const stream = new Writable({
    write(_chunk, _encoding, done) {
      writeFileSync(path, Buffer.alloc(2 * pieceBytes, 'b'))
      done()
    },
  })
  const { versions } = await transfer(stream, [write('large')], signal)
  expect(versions.get('/app/large')).toBeNaN()
})
