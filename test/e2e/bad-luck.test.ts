import { chmod, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { shownLines } from './support/devk.ts'
import { docker, leftovers } from './support/engine.ts'
import { dockerfile, type Site, siteProject } from './support/site.ts'

/** What goes wrong on the way, one after the other, on a project that comes up between. */
const options = { name: 'bad-luck', port: 30091 }
let site: Site

beforeAll(async () => {
  site = await siteProject(options)
})
afterAll(() => site?.dispose())

const up = () => site.devk.run(['up', '--detach', '--yes'])
/** A Service may lead to a pod on its way out for a moment. */
async function shows(text: string): Promise<void> {
  await vi.waitFor(async () => expect(await site.page()).toBe(text), { timeout: 10_000, interval: 100 })
}
const phases = [
  /Tools/,
  /Preparing nodes|Cluster .*(Ensuring|Preparing|Starting)/,
  /Registry/,
  /Image/,
  /web.*(pods|ready)/,
]

for (const phase of phases) {
  test(`Ctrl-C, then kill -9, at ${phase}: each next up goes on`, async () => {
    for (const how of ['SIGINT', 'SIGKILL'] as const) {
      // A new content each time, so that there is something to build and to wait for.
      await site.write('web/index.html', `${phase} ${how}\n`)
      const running = site.devk.start(['up', '--detach', '--yes', '--verbose'])
      await running.sees(phase, 240_000)
      running.child.kill(how)
      const { exitCode } = await running.finished
      // It may have been done by then.
      expect([how === 'SIGINT' ? 130 : null, 0]).toContain(exitCode)
    }
  })
}

test('after all of that, up comes up', async () => {
  await site.write('web/index.html', 'up at last\n')
  const done = await up()
  expect(done.stderr).toContain(`http://localhost:${options.port}`)
  expect(done.exitCode).toBe(0)
  await shows('up at last')
  const nodes = await docker('ps', '-aq', '--filter', `label=io.x-k8s.kind.cluster=${options.name}`)
  expect(nodes.split('\n')).toHaveLength(1)
})

test('of two ups at once, one does the work and the other names it', async () => {
  await site.write('web/index.html', 'one of two\n')
  const both = [0, 1].map(() => site.devk.start(['up', '--detach', '--yes']))
  const done = await Promise.all(both.map(({ finished }) => finished))
  expect(done.map(({ exitCode }) => exitCode).sort()).toEqual([0, 1])
  const refused = done.findIndex(({ exitCode }) => exitCode === 1)
  expect(done[refused]?.stderr).toContain(`devk up (pid ${both[1 - refused]?.child.pid})`)
  await shows('one of two')
})

test('a broken Dockerfile: the failing step and what it said; what runs goes on', async () => {
  await site.write('web/Dockerfile', `${dockerfile}RUN echo the step said this && false\n`)
  const done = await up()
  expect(done.exitCode).toBe(1)
  expect(done.stderr).toContain('the step said this')
  await shows('one of two')
})

test('an image that exits at once: its last words, and the old pod goes on', async () => {
  await site.write('web/Dockerfile', `${dockerfile}CMD ["sh", "-c", "echo no port for me; exit 4"]\n`)
  const done = await site.devk.run(['up', '--detach', '--yes', '--timeout', '30s'])
  expect(done.exitCode).toBe(3)
  expect(done.stderr).toContain('no port for me')
  await shows('one of two')
  await site.write('web/Dockerfile', dockerfile)
})

test('an image that exists nowhere: where it is named, and nothing is changed', async () => {
  await site.write('k8s/nowhere.yaml', podOf('127.0.0.1:9/nowhere:1'))
  await site.write('web/index.html', 'changed beside it\n')
  const done = await up()
  expect(done.exitCode).toBe(1)
  expect(done.stderr).toContain('127.0.0.1:9/nowhere:1')
  expect(done.stderr).toContain('k8s/nowhere.yaml:1')
  await shows('one of two')
  await rm(join(site.folder, 'k8s/nowhere.yaml'))
  await site.write('web/index.html', 'one of two\n')
})

test('a job gives what it printed and its exit code', async () => {
  expect((await up()).exitCode).toBe(0)
  expect(await site.devk.run(['run', 'greet'])).toMatchObject({ exitCode: 3, stdout: 'one of two\n' })
})

test('restart replaces the pods, and waits for the new ones', async () => {
  const pods = async () => JSON.parse((await site.devk.run(['status', '--json'])).stdout).services[0].pods
  const before = await pods()
  expect((await site.devk.run(['restart', 'web'])).exitCode).toBe(0)
  const after = await pods()
  expect(after).toHaveLength(1)
  expect(after).not.toEqual(before)
})

test('up with a service that does not exist: the nearest name', async () => {
  const done = await site.devk.run(['up', 'wbe', '--detach'])
  expect(done.exitCode).toBe(2)
  expect(done.stderr).toContain('web')
})

test('in a terminal of 60 columns no line is longer, and without colour there are no colour codes', async () => {
  for (const args of [['up', '--detach', '--yes'], ['status'], ['doctor'], ['--help'], ['up', '--help']]) {
    const { stdout } = await site.devk.run(args, { columns: 60 })
    expect(shownLines(stdout).length).toBeGreaterThan(2)
    expect(shownLines(stdout).filter((line) => line.length > 60 && !line.startsWith('  $ '))).toEqual([])
    expect(stdout).not.toMatch(new RegExp(`${String.fromCharCode(27)}\\[3\\dm`))
  }
})

test('keys while the loop runs: status, logs, restart, the first URL, and leaving it running', async () => {
  const opened = join(site.folder, 'opened')
  await site.write('bin/xdg-open', `#!/bin/sh\necho "$1" > '${opened}'\n`)
  await chmod(join(site.folder, 'bin/xdg-open'), 0o755)
  const PATH = `${join(site.folder, 'bin')}:${process.env.PATH}`
  const running = site.devk.start(['dev'], { columns: 100, env: { PATH } })
  await running.sees(/Watching web\. {2}l logs {2}s status/, 120_000)
  running.type('s')
  await running.sees(/SERVICE +STATE/)
  running.type('r')
  await running.sees(/restarted Deployment default\/web/, 120_000)
  running.type('o')
  await running.sees(new RegExp(`opening http://localhost:${options.port}`))
  await vi.waitFor(async () => expect(await readFile(opened, 'utf8')).toBe(`http://localhost:${options.port}\n`))
  running.type('q')
  expect((await running.finished).exitCode).toBe(0)
  await shows('one of two')
})

test('piped to a file, --json is one object and nothing else', async () => {
  const done = await site.devk.run(['up', '--detach', '--json'])
  expect(done.exitCode).toBe(0)
  expect(done.stderr).toBe('')
  expect(JSON.parse(done.stdout)).toMatchObject({ project: options.name, changes: 0 })
})

test('prune takes an image that no cluster names, and its registry entry, and leaves what runs', async () => {
  const current = await docker(
    'images',
    '--filter',
    'label=devk.dev/service=web',
    '--format',
    '{{.Repository}}',
    '*/bad-luck/web',
  )
  const unused = `${current.split('\n')[0]}:unused`
  await site.write('unused/Dockerfile', 'FROM busybox:1.37\nLABEL devk.dev/project=bad-luck devk.dev/service=web\n')
  await docker('build', '--tag', unused, join(site.folder, 'unused'))
  await docker('push', unused)
  const listed = JSON.parse((await site.devk.run(['prune', '--dry-run', '--json'])).stdout)
  expect(listed).toMatchObject({ dryRun: true, projects: [], images: expect.arrayContaining([unused]) })
  expect(await docker('images', '-q', unused)).not.toBe('')
  const done = JSON.parse((await site.devk.run(['prune', '--json'])).stdout)
  expect(done).toMatchObject({ images: listed.images, registry: expect.arrayContaining([unused]) })
  expect(await docker('images', '-q', unused)).toBe('')
  await expect(docker('pull', unused)).rejects.toThrow(/not found|unknown/)
  expect((await up()).stderr).toMatch(/nothing changed/)
  await shows('one of two')
})

test('prune forgets a project whose cluster someone else removed, with its images', async () => {
  await docker('rm', '--force', '--volumes', `${options.name}-control-plane`)
  const done = await site.devk.run(['prune'])
  expect(done.stderr).toMatch(/1 record, \d+ images?, \d+ registry entr/)
  expect(await leftovers(options.name)).toEqual([])
  expect((await up()).exitCode).toBe(0)
  await shows('one of two')
})

test('down without an engine keeps what it knows, so that the next one finds everything', async () => {
  const blind = await site.devk.run(['down'], { env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } })
  expect(blind.exitCode).toBe(1)
  expect((await site.devk.run(['down'])).exitCode).toBe(0)
  expect(await leftovers(options.name)).toEqual([])
  expect((await site.devk.run(['down'])).exitCode).toBe(0)
})

const podOf = (image: string) => `apiVersion: v1
kind: Pod
metadata: { name: nowhere }
spec: { containers: [{ name: nowhere, image: '${image}' }] }
`
