import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { credentialSource } from '../../../../src/images/registry/credentials.ts'
import { fakeRunner } from '../../../fakes/runner.ts'

const { signal } = new AbortController()
const base64 = (text: string) => Buffer.from(text).toString('base64')

function source(config: object | undefined, answers: Parameters<typeof fakeRunner>[0] = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'devk-docker-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  if (config !== undefined) writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  return credentialSource({ env: { DOCKER_CONFIG: folder }, runner: fakeRunner(answers), signal })
}

test("a login in Docker's configuration is read, with a colon in the password", async () => {
  const of = source({
    auths: { 'r.example.com': { auth: base64('me:a:b') }, 'https://s.example.com': { auth: base64('x:y') } },
  })
  expect(await of('r.example.com')).toEqual({ username: 'me', password: 'a:b' })
  expect(await of('s.example.com')).toEqual({ username: 'x', password: 'y' })
  expect(await of('other')).toBeUndefined()
})

test('the login to Docker Hub is found under its old address', async () => {
  const address = 'https://index.docker.io/v1/'
  const login = { username: 'me', password: 'a' }
  expect(await source({ auths: { [address]: { auth: base64('me:a') } } })('docker.io')).toEqual(login)
  const answers = { 'docker-credential-desktop get': '{"Username":"me","Secret":"a"}' }
  expect(await source({ credHelpers: { [address]: 'desktop' } }, answers)('docker.io')).toEqual(login)
})

test('without a configuration there is no login', async () => {
  expect(await source(undefined)('r.example.com')).toBeUndefined()
})

test('the credential helper of a host wins over the general one', async () => {
  const answers = {
    'docker-credential-ecr get': '{"Username":"AWS","Secret":"t"}',
    'docker-credential-desktop get': '{"Username":"<token>","Secret":"id"}',
  }
  const of = source({ credsStore: 'desktop', credHelpers: { 'r.example.com': 'ecr' } }, answers)
  expect(await of('r.example.com')).toEqual({ username: 'AWS', password: 't' })
  expect(await of('s.example.com')).toEqual({ username: '', password: '', identitytoken: 'id' })
})

test('a helper without credentials gives no login, and a missing helper is an error', async () => {
  expect(await source({ credsStore: 'x' }, { 'docker-credential-x get': 1 })('h')).toBeUndefined()
  await expect(source({ credsStore: 'x' }, { 'docker-credential-x get': 127 })('h')).rejects.toMatchObject({
    code: 'LOAD_FAILED',
  })
})
