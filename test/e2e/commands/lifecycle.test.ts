/** One small project on one cluster: interrupted, broken, fixed, used, pruned and taken down. The tests build on each other. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { readLogin } from '../../../src/images/registry/login.ts'
import { statePaths } from '../../../src/state/paths.ts'
import { docker } from '../../support/docker.ts'
import { withLogin } from '../../support/registry-login.ts'
import { proveCopies } from '../support/copies.ts'
import { shownLines } from '../support/devk.ts'
import { proveFromPods } from '../support/from-pods.ts'
import { proveAttachAndStop, proveClusterGone, proveKept, proveKeptEnds } from '../support/kept-session.ts'
import { leftovers } from '../support/leftovers.ts'
import { proveLocalBuild } from '../support/local-build.ts'
import { proveLocalJob } from '../support/local-job.ts'
import { proveOutsideBuild } from '../support/outside-build.ts'
import { createWebProject, type WebProject, webDockerfile } from '../support/projects/web-project.ts'
import { provePull } from '../support/pull.ts'
import { proveRestart } from '../support/restart-on-save.ts'
import { runJobOnPage } from '../support/shown-page.ts'
import { proveStop } from '../support/stop-service.ts'
import { proveSwap } from '../support/swap.ts'

const options = { name: 'lifecycle', port: 30091 }
let project: WebProject

beforeAll(async () => {
  project = await createWebProject(options)
})
afterAll(() => project?.dispose())

const up = () => project.devk.run(['up', '--detach', '--yes'])
/** Waits until the page is this text. A Service may lead to a terminating pod for a moment. */
async function expectPage(text: string): Promise<void> {
  await vi.waitFor(async () => expect(await project.page()).toBe(text), { timeout: 10_000, interval: 100 })
}
/** Output that shows how far `devk up` has come. */
const phases = [
  /Tools/,
  /Preparing nodes|Cluster .*(Ensuring|Preparing|Starting)/,
  /Registry/,
  /Image/,
  /web.*(pods|ready)/,
]

for (const phase of phases) {
  test(`up goes on after a Ctrl-C and a kill -9 at ${phase}`, async () => {
    for (const how of ['SIGINT', 'SIGKILL'] as const) {
      // The content changes each time, so that there is something to build and to wait for.
      await project.write('web/index.html', `${phase} ${how}\n`)
      const running = project.devk.start(['up', '--detach', '--yes', '--verbose'])
      await running.waitFor(phase, 240_000)
      running.child.kill(how)
      const { exitCode } = await running.finished
      // It may have ended before the signal.
      expect([how === 'SIGINT' ? 130 : null, 0]).toContain(exitCode)
    }
  })
}

test('up succeeds after all these interruptions, with one node', async () => {
  await project.write('web/index.html', 'up at last\n')
  const done = await up()
  expect(done.stderr).toContain(`http://localhost:${options.port}`)
  expect(done.exitCode).toBe(0)
  await expectPage('up at last')
  const nodes = await docker('ps', '-aq', '--filter', `label=io.x-k8s.kind.cluster=${options.name}`)
  expect(nodes.split('\n')).toHaveLength(1)
})

test('of two ups at once, one deploys and the other fails and names the first one', async () => {
  await project.write('web/index.html', 'one of two\n')
  const both = [0, 1].map(() => project.devk.start(['up', '--detach', '--yes']))
  const done = await Promise.all(both.map(({ finished }) => finished))
  expect(done.map(({ exitCode }) => exitCode).sort()).toEqual([0, 1])
  const refused = done.findIndex(({ exitCode }) => exitCode === 1)
  expect(done[refused]?.stderr).toContain(`devk up (pid ${both[1 - refused]?.child.pid})`)
  await expectPage('one of two')
})

test('up with a broken Dockerfile shows the output of the failing step, and the running pod stays', async () => {
  await project.write('web/Dockerfile', `${webDockerfile}RUN echo the step said this && false\n`)
  const done = await up()
  expect(done.exitCode).toBe(1)
  expect(done.stderr).toContain('the step said this')
  await expectPage('one of two')
})

test('up with a container that exits at once shows its last lines, and the old pod stays', async () => {
  await project.write('web/Dockerfile', `${webDockerfile}CMD ["sh", "-c", "echo no port for me; exit 4"]\n`)
  const done = await project.devk.run(['up', '--detach', '--yes', '--timeout', '30s'])
  expect(done.exitCode).toBe(3)
  expect(done.stderr).toContain('no port for me')
  await expectPage('one of two')
  await project.write('web/Dockerfile', webDockerfile)
})

test('up with an image that cannot be found names the manifest, and changes nothing', async () => {
  const spec = { containers: [{ name: 'nowhere', image: '127.0.0.1:9/nowhere:1' }] }
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'nowhere' }, spec }
  await project.write('k8s/nowhere.yaml', JSON.stringify(pod))
  await project.write('web/index.html', 'changed beside it\n')
  const done = await up()
  expect(done.exitCode).toBe(1)
  expect(done.stderr).toContain('127.0.0.1:9/nowhere:1')
  expect(done.stderr).toContain('k8s/nowhere.yaml:1')
  await expectPage('one of two')
  await rm(join(project.folder, 'k8s/nowhere.yaml'))
  await project.write('web/index.html', 'one of two\n')
})

test('a job is run in a terminal, with its output and its exit code, and from the page', async () => {
  expect((await up()).exitCode).toBe(0)
  expect(await project.devk.run(['run', 'greet'])).toMatchObject({ exitCode: 3, stdout: 'one of two\n' })
  expect(await runJobOnPage(project.devk, 'greet')).toMatch(/one of two/)
})

test('a job of this machine runs after consent, in a terminal and from the page', () => proveLocalJob(project.devk))

test('restart replaces the pods and waits for the new ones', async () => {
  const pods = async () => JSON.parse((await project.devk.run(['status', '--json'])).stdout).services[0].pods
  const before = await pods()
  expect((await project.devk.run(['restart', 'web'])).exitCode).toBe(0)
  const after = await pods()
  expect(after).toHaveLength(1)
  expect(after).not.toEqual(before)
})

test('a stopped service has no pods until devk start, the page or up starts it', () =>
  proveStop(project.devk, 'web', `${options.name}-control-plane`))

test('up with an unknown service suggests the nearest name', async () => {
  const done = await project.devk.run(['up', 'wbe', '--detach'])
  expect(done.exitCode).toBe(2)
  expect(done.stderr).toContain('web')
})

test('output fits a terminal of 60 columns, and has no colour codes with NO_COLOR', async () => {
  for (const args of [['up', '--detach', '--yes'], ['status'], ['doctor'], ['--help'], ['up', '--help']]) {
    const { stdout } = await project.devk.run(args, { columns: 60 })
    expect(shownLines(stdout).length).toBeGreaterThan(2)
    expect(shownLines(stdout).filter((line) => line.length > 60 && !line.startsWith('  $ '))).toEqual([])
    expect(stdout).not.toMatch(new RegExp(`${String.fromCharCode(27)}\\[3\\dm`))
  }
})

test('the keys of dev show the status, restart a service, open the first URL, and quit without stopping the project', async () => {
  // devk takes no program from the folder of a project.
  const programs = await mkdtemp(join(tmpdir(), 'devk-lifecycle-bin-'))
  onTestFinished(() => rm(programs, { recursive: true }))
  const opened = join(programs, 'opened')
  await writeFile(join(programs, 'xdg-open'), `#!/bin/sh\necho "$1" > '${opened}'\n`, { mode: 0o755 })
  const PATH = `${programs}:${process.env.PATH}`
  const running = project.devk.start(['dev'], { columns: 100, env: { PATH } })
  await running.waitFor(/Watching web\. {2}l logs {2}s status/, 120_000)
  running.type('s')
  await running.waitFor(/SERVICE +STATE/)
  running.type('r')
  await running.waitFor(/restarted Deployment default\/web/, 120_000)
  running.type('o')
  await running.waitFor(new RegExp(`opening http://localhost:${options.port}`))
  await vi.waitFor(async () => expect(await readFile(opened, 'utf8')).toBe(`http://localhost:${options.port}\n`))
  running.type('q')
  expect((await running.finished).exitCode).toBe(0)
  await expectPage('one of two')
})

test('a save restarts the program in its container, and the pod stays', () => proveRestart(project, expectPage))

test('a save of Go source is compiled here, and answers from the same pod', () => proveLocalBuild(project, expectPage))

test('the image of a service may come from a command of the project', () => proveOutsideBuild(project, expectPage))

test('devk cp takes files into a pod and back, and only files', () => proveCopies(project))

test('files that a container makes come back, and start nothing', () => provePull(project))

test('a pod reaches a program that listens on 127.0.0.1 of this machine, by its port and no other', () =>
  proveFromPods(project, options.name))

test('a Service leads to a program of this machine and back, whatever ends devk', () =>
  proveSwap(project, options.name))

test('attach shows what dev does, and stop and down end it', () => proveAttachAndStop(project))

test('a devk in the background syncs while nobody looks, and leaves nothing', () => proveKept(project, options.name))

test('stop and down end a devk in the background, whose program of this machine has its lines everywhere', () =>
  proveKeptEnds(project, options.name))

test('up --json writes one object and nothing else', async () => {
  const done = await project.devk.run(['up', '--detach', '--json'])
  expect(done.exitCode).toBe(0)
  expect(done.stderr).toBe('')
  expect(JSON.parse(done.stdout)).toMatchObject({ project: options.name, changes: 0 })
})

test('prune removes an image that no cluster uses, from the engine and the registry, and leaves the running one', async () => {
  const named = ['--filter', 'label=devk.dev/service=web', '--format', '{{.Repository}}', '*/lifecycle/web']
  const unused = `${(await docker('images', ...named)).split('\n')[0]}:unused`
  await project.write('unused/Dockerfile', 'FROM busybox:1.37\nLABEL devk.dev/project=lifecycle devk.dev/service=web\n')
  await docker('build', '--tag', unused, join(project.folder, 'unused'))
  const login = await readLogin(statePaths(process.env).registryLogin)
  const folder = await mkdtemp(join(tmpdir(), 'devk-lifecycle-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const asUser = await withLogin(folder, unused.split('/')[0] ?? '', login)
  await docker(...asUser, 'push', unused)
  const listed = JSON.parse((await project.devk.run(['prune', '--dry-run', '--json'])).stdout)
  expect(listed).toMatchObject({ dryRun: true, projects: [], images: expect.arrayContaining([unused]) })
  expect(await docker('images', '-q', unused)).not.toBe('')
  const done = JSON.parse((await project.devk.run(['prune', '--json'])).stdout)
  expect(done).toMatchObject({ images: listed.images, registry: expect.arrayContaining([unused]) })
  expect(await docker('images', '-q', unused)).toBe('')
  await expect(docker(...asUser, 'pull', unused)).rejects.toThrow(/not found|unknown/)
  expect((await up()).stderr).toMatch(/nothing changed/)
  await expectPage('one of two')
})

test('a devk in the background stays when someone else removes the cluster', () =>
  proveClusterGone(project, options.name))

test('prune removes the record and the images of a project whose cluster was removed by someone else', async () => {
  const done = await project.devk.run(['prune'])
  expect(done.stderr).toMatch(/1 record, \d+ images?, \d+ registry entr/)
  expect(await leftovers(options.name)).toEqual([])
})

test('with a proxy that answers nothing, a new cluster comes up, and its pods reach Services', async () => {
  const variables = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'].map((key) => [key, 'http://127.0.0.1:9'])
  const own = { NO_PROXY: 'localhost', no_proxy: 'localhost', NODE_USE_ENV_PROXY: '1' }
  const env = { ...Object.fromEntries(variables), ...own }
  const done = await project.devk.run(['up', '--detach', '--yes'], { env })
  expect(done.exitCode, done.stderr).toBe(0)
  await expectPage('one of two')
  const exempt = (await docker('exec', `${options.name}-control-plane`, 'printenv', 'NO_PROXY')).split(',')
  expect(exempt).toEqual(expect.arrayContaining(['10.244.0.0/16', '10.96.0.0/16']))
  const asked = await project.devk.run(['exec', 'web', '--', 'wget', '-qO-', 'http://web.default.svc'], { env })
  expect(asked, asked.stderr).toMatchObject({ exitCode: 0, stdout: 'one of two\n' })
})

test('down without an engine fails, and the next down removes everything', async () => {
  const withoutEngine = await project.devk.run(['down'], { env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } })
  expect(withoutEngine.exitCode).toBe(1)
  expect((await project.devk.run(['down'])).exitCode).toBe(0)
  expect(await leftovers(options.name)).toEqual([])
  expect((await project.devk.run(['down'])).exitCode).toBe(0)
})
