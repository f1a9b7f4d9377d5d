import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { startWatch } from './watch-tree-support.ts'

test('a socket and a pipe are no files, and one that replaces a file deletes it', async () => {
  const { root, upTo } = await startWatch({ x: '1', y: '1' })
  const server = createServer().listen(join(root, 'socket'))
  onTestFinished(() => void server.close())
  rmSync(join(root, 'x'))
  execFileSync('sh', ['-c', 'mkfifo x pipe'], { cwd: root })
  expect(await upTo('last')).toEqual(['deleted x'])
})

test('a pipe that existed at the start and is deleted is no change', async () => {
  const root = mkdtempSync(join(tmpdir(), 'devk-pipe-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  execFileSync('sh', ['-c', 'mkfifo pipe'], { cwd: root })
  const { upTo } = await startWatch({ x: '1' }, { roots: ['', root] })
  rmSync(join(root, 'pipe'))
  expect(await upTo('last')).toEqual([])
})

test('a name that is not UTF-8 is reported once', async () => {
  const warnings: string[] = []
  const root = mkdtempSync(join(tmpdir(), 'devk-names-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const bytes = (name: string) => Buffer.concat([Buffer.from(`${root}/${name}`), Buffer.from([0xff])])
  writeFileSync(bytes('a'), '1')
  await startWatch({}, { roots: [root], onWarning: ({ message }) => void warnings.push(message) })
  writeFileSync(bytes('b'), '1')
  await sleep(200)
  expect(warnings).toEqual([expect.stringContaining('is not UTF-8')])
})
