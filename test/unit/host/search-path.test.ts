import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { searchPath } from '../../../src/host/search-path.ts'

async function folders(...names: string[]): Promise<(name: string) => string> {
  const root = await mkdtemp(join(tmpdir(), 'devk-path-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  for (const name of names) await mkdir(join(root, name), { recursive: true })
  return (name) => join(root, name)
}

test('folders of packages, of a project and relative ones are left out of PATH, the others stay in order', async () => {
  const at = await folders('project/tools', 'elsewhere/node_modules/.bin', 'usr')
  const path = ['.', '', 'bin', at('project/tools'), at('usr'), at('elsewhere/node_modules/.bin'), at('gone')].join(':')
  expect(await searchPath(path, [at('project')])).toBe(`${at('usr')}:${at('gone')}`)
})

test('a link on PATH that leads into the project is left out, also when the project was reached over a link', async () => {
  const at = await folders('project/tools', 'usr')
  await symlink(at('project/tools'), at('innocent'))
  await symlink(at('project'), at('alias'))
  expect(await searchPath(`${at('innocent')}:${at('usr')}`, [at('alias')])).toBe(at('usr'))
})

test('without a project only packages are left out', async () => {
  const at = await folders('project/tools')
  expect(await searchPath(at('project/tools'), [])).toBe(at('project/tools'))
})
