import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Made, outputsIn } from '../../../src/local/outputs.ts'

function setUp() {
  const root = mkdtempSync(join(tmpdir(), 'outputs-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const write = (path: string, text: string) => {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const folder = join(root, 'copies')
  const output = (path: string, to: string) => ({ from: join(root, path), to, name: path })
  return { root, write, folder, output, store: outputsIn(folder) }
}
const texts = ({ files }: Made) =>
  files.map((file) => (file.kind === 'write' ? [file.to, readFileSync(file.from, 'utf8')] : [file.to, 'deleted']))
const collected = async (making: Promise<Made>) => {
  const made = await making
  await made.accept()
  return texts(made)
}

test('only what changed counts, and a deleted file is deleted', async () => {
  const { root, write, output, store } = setUp()
  const outputs = [output('bin/server', '/app/server'), output('classes', '/app/classes/')]
  write('bin/server', 'one')
  write('classes/a/A.class', 'a')
  write('classes/B.class', 'b')
  const all = [
    ['/app/server', 'one'],
    ['/app/classes/B.class', 'b'],
    ['/app/classes/a/A.class', 'a'],
  ]
  expect((await collected(store.collect(outputs, false))).sort()).toEqual(all.sort())
  expect(await collected(store.collect(outputs, false))).toEqual([])
  // A compiler writes it again with the same content.
  write('bin/server', 'one')
  write('classes/B.class', 'new')
  rmSync(join(root, 'classes/a'), { recursive: true })
  expect(await collected(store.collect(outputs, false))).toEqual([
    ['/app/classes/a/A.class', 'deleted'],
    ['/app/classes/B.class', 'new'],
  ])
  expect(await collected(store.collect(outputs, true))).toHaveLength(2)
})

test('what was not accepted counts again', async () => {
  const { write, output, store } = setUp()
  write('server', 'one')
  await store.collect([output('server', '/server')], false)
  expect(await collected(store.collect([output('server', '/server')], false))).toEqual([['/server', 'one']])
})

test('a copy stays as it is while the compiler writes again', async () => {
  const { write, output, store } = setUp()
  write('server', 'one')
  const made = await store.collect([output('server', '/server')], false)
  await made.accept()
  write('server', 'half of tw')
  expect(texts(made)).toEqual([['/server', 'one']])
})

test('an output that is not there is named, and what an earlier devk left is removed', async () => {
  const { write, folder, output, store } = setUp()
  write('copies/kept/old', 'x')
  const { missing, files } = await store.collect([output('bin/server', '/app/server')], false)
  expect([missing, files]).toEqual([['bin/server'], []])
  expect(readdirSync(folder)).toEqual(['new'])
})

test('a link to an output is followed, and one in it is sent as a link, wherever it leads', async () => {
  const { root, write, output, store } = setUp()
  write('real/server', 'one')
  symlinkSync('real', join(root, 'out'))
  symlinkSync('/etc/passwd', join(root, 'real/link'))
  const made = await store.collect([output('out', '/app')], false)
  await made.accept()
  const links = made.files.map((file) => [file.to, file.kind === 'write' && isLink(file.from)])
  expect(links.sort()).toEqual([
    ['/app/link', true],
    ['/app/server', false],
  ])
})

function isLink(path: string): boolean {
  const folder = join(path, '..')
  return readdirSync(folder, { withFileTypes: true }).some(
    (entry) => join(folder, entry.name) === path && entry.isSymbolicLink(),
  )
}
