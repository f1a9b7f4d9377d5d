import { expect, test } from 'vitest'
import { needsBuildx } from '../../../../src/images/build/build.ts'
import { buildxArguments } from '../../../../src/images/build/buildx.ts'
import type { BuildRequest } from '../../../../src/images/build/request.ts'
import { buildRequest } from '../../../support/build-request.ts'

const request = buildRequest('/app', 'app:1')

test('a build needs buildx for a secret, a CA bundle or a typed cache, and else only the engine', () => {
  expect(needsBuildx(request)).toBe(false)
  expect(needsBuildx({ ...request, cacheFrom: ['app:0'] })).toBe(false)
  expect(needsBuildx({ ...request, cacheFrom: ['type=local,src=/c'] })).toBe(true)
  expect(needsBuildx({ ...request, secrets: { a: { env: 'A' } } })).toBe(true)
  expect(needsBuildx({ ...request, contexts: { a: '/a' } })).toBe(true)
  expect(needsBuildx({ ...request, ssh: ['default'] })).toBe(true)
  expect(needsBuildx({ ...request, caCertificates: '/ca.pem' })).toBe(true)
})

test('every option of a request is on the command line', () => {
  const full: BuildRequest = {
    ...request,
    contexts: { shared: '/shared', base: 'docker-image://r/base:1' },
    ssh: ['default', 'git=/key'],
    target: 'prod',
    args: { A: 'x y' },
    platform: 'linux/arm64',
    secrets: { f: { file: '/a,"b"' }, e: { env: 'TOKEN' } },
    cacheFrom: ['app:0'],
    noCache: true,
    labels: { 'devk.dev/project': 'p' },
    caCertificates: '/ca.pem',
  }
  const line = buildxArguments(full, '/tmp/Dockerfile', '/tmp/id').join(' ')
  for (const part of [
    '--build-arg A=x y',
    '--label devk.dev/project=p',
    '--secret id=f,"src=/a,""b""" --secret id=e,env=TOKEN --secret id=devk-ca,src=/ca.pem',
    '--cache-from app:0',
    '--build-context shared=/shared --build-context base=docker-image://r/base:1',
    '--ssh default --ssh git=/key',
    '--target prod',
    '--platform linux/arm64',
    '--no-cache',
    '--iidfile /tmp/id --tag app:1 --file /tmp/Dockerfile',
  ]) {
    expect(line).toContain(part)
  }
  expect(line.endsWith(' /app')).toBe(true)
})
