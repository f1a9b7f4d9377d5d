import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compare } from 'bcryptjs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ensureLogin, readLogin } from '../../../../src/images/registry/login.ts'

let parent: string
let folder: string
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'devk-login-'))
  folder = join(parent, 'login')
})
afterEach(() => rm(parent, { recursive: true, force: true }))

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)

test('a login is random, stays, and only the user may read it', async () => {
  expect(await readLogin(folder)).toBe(undefined)
  const login = await ensureLogin(folder)
  expect(await ensureLogin(folder)).toEqual(login)
  expect(login.password).toMatch(/^[\w-]{43}$/)
  expect((await ensureLogin(join(parent, 'other'))).password).not.toBe(login.password)
  const [, hash = ''] = (await readFile(join(login.serverFolder, 'htpasswd'), 'utf8')).trim().split(':')
  expect(await compare(login.password, hash)).toBe(true)
  for (const path of [folder, login.serverFolder]) expect(await modeOf(path)).toBe('700')
  for (const path of ['password', 'server/htpasswd']) expect(await modeOf(join(folder, path))).toBe('600')
})

test('several devk at once agree on one login, and leave nothing else', async () => {
  const logins = await Promise.all(Array.from({ length: 8 }, () => ensureLogin(folder)))
  expect(new Set(logins.map(({ password }) => password)).size).toBe(1)
  expect(await readdir(parent)).toEqual(['login'])
})

test('a damaged login is replaced by a new one', async () => {
  await mkdir(folder)
  await writeFile(join(folder, 'password'), '')
  expect((await ensureLogin(folder)).password).toHaveLength(43)
})
