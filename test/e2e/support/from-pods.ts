import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { docker } from '../../support/docker.ts'
import type { WebProject } from './projects/web-project.ts'

/** A program of this machine. It ends with its input, so that a kill -9 of devk leaves nothing. */
const program = `import { createServer } from 'node:http'
createServer((request, response) => response.end('this machine answers ' + request.url)).listen(Number(process.argv[2]), '127.0.0.1')
process.stdin.resume().on('end', () => process.exit())
`

/** A port of 127.0.0.1 that is free. */
async function freePort(): Promise<number> {
  const server = createTcpServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}

/** Addresses of this machine that listen on a port, as the kernel writes them. */
async function listeningOn(port: number): Promise<string[]> {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8')))
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const lines = tables.flatMap((table) => table.split('\n').map((line) => line.trim().split(/\s+/)))
  return lines.flatMap(([, local = '', , state]) => (state === '0A' && local.endsWith(suffix) ? [local] : []))
}

/**
 * A pod reaches a program that listens on 127.0.0.1 of this machine only, by its port and no other, until devk ends: by
 * a signal or by a kill -9. `down` takes the name out of the cluster.
 */
export async function proveFromPods(project: WebProject, cluster: string): Promise<void> {
  const { devk, write, folder } = project
  const node = `${cluster}-control-plane`
  const file = 'platform.config.json'
  const before = await readFile(join(folder, file), 'utf8')
  const port = await freePort()
  const other = createServer((_request, response) => response.end('not for pods'))
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done))
  onTestFinished(() => void other.close())
  const ask = (at: number) =>
    devk.run(['exec', 'web', '--', 'wget', '-T', '5', '-qO-', `http://host.devk.internal:${at}/path`])
  const refused = { exitCode: 1, stdout: '', stderr: expect.stringContaining('Connection refused') }
  const kubectl = (...args: string[]) =>
    docker('exec', node, 'kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf', ...args)
  const corefile = () => kubectl('-n', 'kube-system', 'get', 'configmap', 'coredns', '-o', 'jsonpath={.data.Corefile}')
  const withoutName = await corefile()
  const start = async () => {
    const running = devk.start(['dev', '--yes'])
    // One that a failed test leaves would keep the lock of the project.
    onTestFinished(() => void running.child.kill('SIGKILL'))
    await running.waitFor(new RegExp(`pods reach it at host\\.devk\\.internal:${port}`), 120_000)
    return running
  }

  await write('program.mjs', program)
  const command = [process.execPath, 'program.mjs', String(port)]
  await write(file, JSON.stringify({ ...JSON.parse(before), locals: { here: { command, ports: [port] } } }))
  const killed = await start()
  expect(await ask(port)).toMatchObject({ exitCode: 0, stdout: 'this machine answers /path' })
  expect(await ask((other.address() as AddressInfo).port)).toMatchObject(refused)
  expect(await listeningOn(port)).toEqual([`0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`])
  killed.child.kill('SIGKILL')
  await killed.finished
  const addresses = () => docker('exec', node, 'cat', '/proc/net/fib_trie')
  await expect.poll(addresses, { timeout: 20_000 }).not.toContain('169.254.68.75')
  expect((await ask(port)).exitCode).not.toBe(0)
  await expect.poll(() => listeningOn(port), { timeout: 20_000 }).toEqual([])

  const ended = await start()
  expect(await ask(port)).toMatchObject({ exitCode: 0, stdout: 'this machine answers /path' })
  ended.child.kill('SIGINT')
  expect((await ended.finished).exitCode).toBe(130)
  await expect.poll(addresses, { timeout: 20_000 }).not.toContain('169.254.68.75')

  await write(file, before)
  expect((await devk.run(['down', '--keep-cluster'])).exitCode).toBe(0)
  expect(await corefile()).toBe(withoutName)
  expect((await devk.run(['up', '--detach', '--yes'])).exitCode).toBe(0)
}
