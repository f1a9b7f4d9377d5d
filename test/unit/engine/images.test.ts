import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dockerEngine } from '../../../src/engine/engine.ts'

/** What `GET /info` and `GET /version` gave, without what devk does not read. */
const answers = {
  'Podman 4.3.1': {
    info: { ServerVersion: '4.3.1', SecurityOptions: ['name=seccomp,profile=default'], CgroupVersion: '1' },
    version: { Version: '4.3.1', Os: 'linux', Arch: 'amd64', Components: [{ Name: 'Podman Engine' }] },
  },
  'Docker 26.1.5': {
    info: { ID: 'e8ae', SecurityOptions: ['name=seccomp,profile=builtin'], CgroupVersion: '1' },
    version: { Version: '26.1.5+dfsg1', Os: 'linux', Arch: 'amd64', Components: [{ Name: 'Engine' }] },
  },
  'rootless Docker': {
    info: { ID: 'e8ae', SecurityOptions: ['name=seccomp,profile=builtin', 'name=rootless'], CgroupVersion: '2' },
    version: { Version: '27.0.1', Os: 'linux', Arch: 'arm64' },
  },
}

test.each([
  ['Podman 4.3.1', { program: 'Podman', version: '4.3.1', rootless: false, id: undefined }],
  ['Docker 26.1.5', { program: 'Docker', version: '26.1.5', rootless: false, id: 'e8ae', cgroupVersion: '1' }],
  ['rootless Docker', { program: 'Docker', version: '27.0.1', rootless: true, arch: 'arm64', cgroupVersion: '2' }],
] as const)('%s is recognised', async (name, expected) => {
  const folder = await mkdtemp(join(tmpdir(), 'devk-'))
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(request.url?.endsWith('/version') ? answers[name].version : answers[name].info))
  }).listen(join(folder, 'engine.sock'))
  await once(server, 'listening')
  const engine = dockerEngine({ DOCKER_HOST: `unix://${folder}/engine.sock` })
  expect(await engine.images.info(new AbortController().signal)).toMatchObject(expected)
  server.closeAllConnections()
  server.close()
  await rm(folder, { recursive: true })
})
