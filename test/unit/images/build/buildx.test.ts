import { expect, test } from 'vitest'
import { needsBuildx } from '../../../../src/images/build/build.ts'
import { bakeFile } from '../../../../src/images/build/buildx.ts'
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

test('every option of a request is in the file for bake, and nothing in it is evaluated', () => {
  const full: BuildRequest = {
    ...request,
    contexts: { shared: '/shared', base: 'docker-image://r/base:1' },
    ssh: ['default', 'git=/key'],
    target: 'prod',
    args: { A: 'x y', B: '$\u007bHOME} $HOME %{ if true }' },
    platform: 'linux/arm64',
    secrets: { f: { file: '/a,"b"' }, e: { env: 'TOKEN' } },
    cacheFrom: ['app:0'],
    noCache: true,
    labels: { 'devk.dev/project': 'p' },
    caCertificates: '/ca.pem',
  }
  expect(bakeFile(full, '/tmp/Dockerfile')).toEqual({
    target: {
      image: {
        context: '/app',
        dockerfile: '/tmp/Dockerfile',
        args: { A: 'x y', B: '$$\u007bHOME} $HOME %%{ if true }' },
        contexts: { shared: '/shared', base: 'docker-image://r/base:1' },
        labels: { 'devk.dev/project': 'p' },
        tags: ['app:1'],
        ssh: ['default', 'git=/key'],
        secret: ['id=f,"src=/a,""b"""', 'id=e,env=TOKEN', 'id=devk-ca,src=/ca.pem'],
        'cache-from': ['app:0'],
        target: 'prod',
        platforms: ['linux/arm64'],
        'no-cache': true,
      },
    },
  })
})
