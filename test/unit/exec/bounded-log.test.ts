import { appendFileSync, closeSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { boundedLog, openLog } from '../../../src/exec/bounded-log.ts'

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'devk-log-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

const write = (log: ReturnType<typeof boundedLog>, text: string) =>
  new Promise((done) => {
    log.write(text, done)
  })

test('a new log is empty and readable for its owner only, and does not follow a link', async () => {
  const base = await folder()
  const [file, other] = [join(base, 'new', 'log'), join(base, 'other')]
  closeSync(openLog(file))
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect((await stat(join(base, 'new'))).mode & 0o777).toBe(0o700)
  await writeFile(other, 'of the user\n')
  await rm(file)
  await symlink(other, file)
  closeSync(openLog(file))
  expect(await readFile(file, 'utf8')).toBe('')
  expect(await readFile(other, 'utf8')).toBe('of the user\n')
})

test('a log keeps its newest lines, whole, and never exceeds its size', async () => {
  const file = join(await folder(), 'log')
  closeSync(openLog(file))
  const log = boundedLog(file, 1000)
  for (let i = 0; i < 200; i += 1) {
    await write(log, `line ${i} of many lines\n`)
    expect((await stat(file)).size).toBeLessThanOrEqual(1000)
  }
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
  expect(lines.length).toBeGreaterThan(10)
  expect(lines).toEqual(lines.map((_line, at) => `line ${200 - lines.length + at} of many lines`))
  await write(log, 'x'.repeat(5000))
  expect((await stat(file)).size).toBeLessThanOrEqual(1000)
})

test('what others append stays in order, and a log that was removed stays removed', async () => {
  const file = join(await folder(), 'log')
  closeSync(openLog(file))
  const log = boundedLog(file, 1000)
  await write(log, 'one\n')
  appendFileSync(file, 'two\n')
  await write(log, 'three\n')
  expect(await readFile(file, 'utf8')).toBe('one\ntwo\nthree\n')
  await rm(file)
  await write(log, 'four\n')
  await expect(readFile(file)).rejects.toThrow('ENOENT')
})
