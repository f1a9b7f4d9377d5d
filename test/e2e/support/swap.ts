import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { expect, onTestFinished } from 'vitest'
import { docker } from '../../support/docker.ts'
import type { Running } from './devk.ts'
import { applyIn, type Kubectl, kubectlIn } from './kubectl.ts'
import type { WebProject } from './projects/web-project.ts'

/**
 * A program that answers with variables of its environment, or with what another Service of the cluster answers, and ends
 * with exit code 7 when it is asked for /end.
 */
const program = `import { createServer } from 'node:http'
const { MODE, PASSWORD, HOME, OTHER_SERVICE_HOST, OTHER_SERVICE_PORT } = process.env
const others = { '/name': 'http://other:18085', '/variable': 'http://' + OTHER_SERVICE_HOST + ':' + OTHER_SERVICE_PORT }
const server = createServer(async (request, response) => {
  const other = others[request.url]
  if (other) return response.end(await fetch(other).then((answer) => answer.text(), (error) => String(error.cause)))
  response.end(['here', MODE, PASSWORD, HOME === '/in/the/pod' ? 'lost' : 'home', request.url].join(' '), () => {
    if (request.url !== '/end') return
    console.log('last words')
    process.exit(7)
  })
})
server.listen(Number(process.argv[2]), '127.0.0.1')
process.stdin.resume().on('end', () => process.exit())
`

/** A port of 127.0.0.1 that is free. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as { port: number }
  await new Promise((done) => server.close(done))
  return port
}

const variables = [
  { name: 'MODE', value: 'swapped' },
  { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'login', key: 'password' } } },
  { name: 'HOME', value: '/in/the/pod' },
]

/** A Service that is not swapped, with a port that every user may open. */
const other = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'other', namespace: 'default' },
  spec: { selector: { app: 'web' }, ports: [{ port: 18_085, targetPort: 8080 }] },
}

/**
 * The Service of a pod leads to a program that listens on 127.0.0.1 of this machine only, with the variables of the pod,
 * and back: after Ctrl-C, after a kill -9, and when the program ends. `devk up` takes a swap back as well.
 */
export async function proveSwap(project: WebProject, cluster: string): Promise<void> {
  const { devk, write } = project
  const node = `${cluster}-control-plane`
  const kubectl: Kubectl = kubectlIn(node)
  const service = () => kubectl('get', 'service', 'web', '-o', 'json').then((text) => JSON.parse(text))
  const slices = () => kubectl('get', 'endpointslices', '-o', 'jsonpath={.items[*].metadata.name}')
  const port = await freePort()
  /** What a pod gets from the Service, by its name. */
  const ask = async (path = '/') => {
    const done = await devk.run(['exec', 'web', '--', 'wget', '-T', '5', '-qO-', `http://web${path}`])
    return done.stdout.trim() || done.stderr.trim()
  }
  const page = await ask()
  const original = (await service()).spec
  const isBack = async () => {
    await expect.poll(() => ask(), { timeout: 30_000 }).toBe(page)
    await expect.poll(slices, { timeout: 20_000 }).not.toContain('devk-swap')
    const now = await service()
    expect(now.spec).toEqual(original)
    expect(now.metadata.annotations ?? {}).not.toHaveProperty(['devk.dev/swap'])
  }
  const start = async (...args: string[]): Promise<Running> => {
    const running = devk.start(['swap', 'web', '--port', String(port), ...args])
    onTestFinished(() => void running.child.kill('SIGKILL'))
    await running.waitFor(/leads to this machine/, 120_000)
    return running
  }
  const command = ['--', process.execPath, 'swapped.mjs', String(port)]
  await write('swapped.mjs', program)
  await applyIn(node, [other])
  await kubectl('create', 'secret', 'generic', 'login', '--from-literal=password=s3cret')
  const patch = { spec: { template: { spec: { containers: [{ name: 'web', env: variables }] } } } }
  await kubectl('patch', 'deployment', 'web', '-p', JSON.stringify(patch))
  await kubectl('rollout', 'status', 'deployment', 'web', '--timeout=60s')

  const interrupted = await start(...command)
  await expect.poll(() => ask('/a'), { timeout: 20_000 }).toBe('here swapped s3cret home /a')
  expect(interrupted.output()).not.toContain('s3cret')
  expect(await ask('/variable')).toBe(page)
  // Some distributions do not let their users mount.
  if (!interrupted.output().includes('without names of Services')) expect(await ask('/name')).toBe(page)
  expect((await devk.run(['status'])).stdout).toMatch(/web leads to a program of a machine/)
  interrupted.child.kill('SIGINT')
  expect((await interrupted.finished).exitCode).toBe(130)
  await isBack()

  const killed = await start(...command)
  await expect.poll(() => ask('/b'), { timeout: 20_000 }).toBe('here swapped s3cret home /b')
  killed.child.kill('SIGKILL')
  await killed.finished
  await isBack()

  const ended = await start(...command)
  await expect.poll(() => ask('/c'), { timeout: 20_000 }).toBe('here swapped s3cret home /c')
  await ask('/end')
  const { exitCode, stdout, stderr } = await ended.finished
  expect({ exitCode, stdout }).toEqual({ exitCode: 7, stdout: 'last words\n' })
  expect(stderr).toMatch(/The program has ended: exit code 7/)
  await isBack()

  const editor = createHttpServer((_request, response) => response.end('from the editor'))
  await new Promise<void>((done) => editor.listen(port, '127.0.0.1', done))
  onTestFinished(() => void editor.close())
  const taken = await start()
  await expect.poll(() => ask(), { timeout: 20_000 }).toBe('from the editor')
  // A deployment does not end a swap that runs.
  expect((await devk.run(['up', '--detach', '--yes'])).exitCode).toBe(0)
  await expect.poll(() => ask(), { timeout: 20_000 }).toBe('from the editor')
  // Neither devk nor its agent is there to lead it back. The next deployment does.
  taken.child.kill('SIGSTOP')
  // No process but the agent has this argument: not even grep, whose pattern is another text.
  const agent = "grep -lz '^[r]estore$' /proc/[0-9]*/cmdline | cut -d/ -f3"
  await docker('exec', node, 'sh', '-c', `${agent} | xargs kill -9`)
  taken.child.kill('SIGKILL')
  await taken.finished
  await expect.poll(() => ask(), { timeout: 20_000 }).not.toBe('from the editor')
  expect((await service()).metadata.annotations).toHaveProperty(['devk.dev/swap'])
  expect((await devk.run(['up', '--detach', '--yes'])).exitCode).toBe(0)
  await isBack()
  const addresses = () => docker('exec', node, 'cat', '/proc/net/fib_trie')
  await expect.poll(addresses, { timeout: 20_000 }).not.toContain('198.18.68.75')
  const remove = [{ op: 'remove', path: '/spec/template/spec/containers/0/env' }]
  await kubectl('patch', 'deployment', 'web', '--type', 'json', '-p', JSON.stringify(remove))
  await kubectl('rollout', 'status', 'deployment', 'web', '--timeout=60s')
  await kubectl('delete', 'secret/login', 'service/other')
}
