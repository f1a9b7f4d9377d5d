/** The cache of compiled code that devk keeps between calls. Needs no cluster. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { devkIn, repository } from '../support/devk.ts'

test('the first call caches all compiled code, with that of the configuration, and a second call adds nothing', async () => {
  const cache = await mkdtemp(join(tmpdir(), 'devk-cache-'))
  onTestFinished(() => rm(cache, { recursive: true }))
  const devk = await devkIn(repository)
  onTestFinished(() => devk.dispose())
  expect((await devk.run(['allow'])).exitCode).toBe(0)
  const compiled = async () => {
    const { exitCode, stderr } = await devk.run(['config', 'show'], { env: { XDG_CACHE_HOME: cache } })
    expect(exitCode, stderr).toBe(0)
    return (await readdir(cache, { recursive: true })).sort()
  }
  const first = await compiled()
  expect(first.length).toBeGreaterThan(10)
  expect(await compiled()).toEqual(first)
})
