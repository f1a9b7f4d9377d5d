/** What devk refuses before it creates anything. Needs no cluster. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { leftovers } from '../support/leftovers.ts'
import { createWebProject, type WebProject } from '../support/projects/web-project.ts'

const run = promisify(execFile)
const options = { name: 'refusals', port: 30092 }
let project: WebProject

beforeAll(async () => {
  project = await createWebProject(options)
})
afterAll(() => project?.dispose())

test.each(['unix:///nowhere/docker.sock', 'tcp://127.0.0.1:9', 'ssh://root@127.0.0.1:9'])(
  'up and down fail without an engine behind %s, and the message names the address',
  async (host) => {
    for (const command of [['up', '--detach'], ['down']]) {
      const done = await project.devk.run(command, { env: { DOCKER_HOST: host } })
      expect(done).toMatchObject({ exitCode: 1, stdout: '' })
      expect(done.stderr).toContain(host)
      expect(done.stderr).not.toContain('Warning')
    }
  },
)

test('up refuses to trace saves without the preset jaeger, before it needs an engine', async () => {
  const none = { DOCKER_HOST: 'unix:///nowhere/docker.sock' }
  const done = await project.devk.run(['up', '--detach', '--yes', '--trace-saves'], { env: none })
  expect(done).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--trace-saves needs the preset jaeger') })
})

test('up refuses an engine that is too old, and names both versions', async () => {
  const socket = join(project.folder, 'old.sock')
  const old = createServer((request, response) => {
    const version = { Version: '20.10.24', ApiVersion: '1.41', MinAPIVersion: '1.12', ServerVersion: '20.10.24' }
    response.setHeader('content-type', 'application/json')
    response.end(request.url?.includes('/_ping') ? 'OK' : JSON.stringify(version))
  }).listen(socket)
  await once(old, 'listening')
  const done = await project.devk.run(['up', '--detach', '--yes'], { env: { DOCKER_HOST: `unix://${socket}` } })
  old.close()
  expect(done.exitCode).toBe(1)
  expect(done.stderr).toMatch(/20\.10\.24/)
  expect(done.stderr).toMatch(/23/)
})

test('up on a socket that the user may not use names the group and how to join it', async () => {
  const home = join(project.folder, 'nobody')
  await mkdir(home)
  await chmod(home, 0o777)
  const env = { HOME: home, XDG_STATE_HOME: join(home, 'state'), XDG_CACHE_HOME: join(home, 'cache') }
  const { stdout: group } = await run('stat', ['--format=%G', '/var/run/docker.sock'])
  const done = await project.devk.run(['up', '--detach', '--yes'], { env, unprivileged: true })
  expect(done).toMatchObject({ exitCode: 1, stdout: '' })
  expect(done.stderr).toContain('/var/run/docker.sock')
  expect(done.stderr).toContain(`usermod -aG ${group.trim()}`)
  const doctor = await project.devk.run(['doctor'], { env, unprivileged: true })
  expect(doctor.exitCode).toBe(1)
  expect(doctor.stdout).toContain('/var/run/docker.sock')
})

test('up on a full disk names the file that it cannot write, and creates nothing', async () => {
  const disk = join(project.folder, 'full')
  await mkdir(disk)
  await run('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'devk-test', disk])
  try {
    await writeFile(join(disk, 'filler'), Buffer.alloc(12 * 1024))
    const done = await project.devk.run(['up', '--detach', '--yes'], { env: { XDG_STATE_HOME: disk } })
    expect(done.exitCode).toBe(1)
    expect(done.stderr).toContain(`${disk}/devk/`)
    expect(done.stderr).toContain('the disk is full')
    expect(await leftovers(options.name)).toEqual([])
  } finally {
    await run('umount', [disk])
  }
})

test('up refuses an unknown key of the configuration with its line and the nearest key, and creates nothing', async () => {
  await project.write('platform.config.json', '{\n  "name": "refusals",\n  "sevices": {}\n}\n')
  const done = await project.devk.run(['up', '--detach', '--yes'])
  expect(done.exitCode).toBe(2)
  expect(done.stderr).toContain('platform.config.json:3')
  expect(done.stderr).toContain('services')
  expect(await leftovers(options.name)).toEqual([])
})
