/** What a node that is in the hands of an attacker can reach on this machine: the ports of programs in `locals`, and nothing else. */
import { type AddressInfo, createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { expect, onTestFinished, test } from 'vitest'
import { fromPods } from '../../src/up/live/from-pods.ts'
import { type ScriptedNode, scriptedNode } from '../support/scripted-node.ts'

/** A program that listens on one address, and how many connections it has got. */
async function listener(host: string, port = 0) {
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    socket.on('error', () => {})
    socket.resume()
  })
  await new Promise<void>((done, failed) => server.once('error', failed).listen(port, host, done))
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port, connections: () => connections }
}

/** A node to which devk has opened the port of a program. */
async function opened(port: number) {
  const node = scriptedNode()
  const stop = new AbortController()
  onTestFinished(() => {
    stop.abort()
    node.agents.close()
  })
  const ports = fromPods({ agents: node.agents, nodeContainers: ['node'], report: () => {} }, stop.signal)
  ports.open('web', [port])
  await expect.poll(() => node.opened(`listen ${port}`).length).toBe(1)
  node.send('C', node.opened(`listen ${port}`)[0] ?? 0)
  await expect.poll(() => node.opened(`accept ${port}`).length).toBe(4)
  return { node, ports }
}

/** Whether the agent's end still works: a stream that waits leads to the program. */
async function leadsToProgram(node: ScriptedNode, port: number, connections: () => number): Promise<void> {
  const before = connections()
  node.send('C', node.opened(`accept ${port}`).at(-1) ?? 0)
  await expect.poll(connections).toBe(before + 1)
}

test('a node cannot name a port or host: what it sends besides connections to the open port leads nowhere', async () => {
  const web = await listener('127.0.0.1')
  const secret = await listener('127.0.0.1')
  const { node } = await opened(web.port)
  const targets = [
    `accept ${secret.port}`,
    `listen ${secret.port}`,
    `127.0.0.1 ${secret.port}`,
    `reverse ${secret.port}`,
    String(secret.port),
  ]
  for (const target of targets) {
    // As the opener of a stream, with a number of its own and with one of devk's.
    node.send('O', 4_000_000_001, target)
    node.send('O', node.opened(`accept ${web.port}`)[0] ?? 0, target)
    // As the payload of what devk waits for, and as data.
    node.send('C', 4_000_000_001, target)
    node.send('D', 4_000_000_001, target)
    node.send('C', 0, target)
  }
  // The stream that listens is no connection, whatever is said about it.
  node.send('C', 1, targets[0])
  node.send('D', 1, targets[0])
  const [pod = 0] = node.opened(`accept ${web.port}`)
  node.send('C', pod, targets[0])
  node.send('C', pod, targets[0])
  await expect.poll(web.connections).toBe(1)
  await leadsToProgram(node, web.port, web.connections)
  expect([secret.connections(), web.connections()]).toEqual([0, 2])
})

test('a program that listens on another address of this machine only is not reached', async () => {
  const outside = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')
  const lan = await listener(outside?.address ?? '127.0.0.2')
  const { node } = await opened(lan.port)
  const [pod = 0] = node.opened(`accept ${lan.port}`)
  node.send('C', pod)
  await expect
    .poll(() => node.frames.some(({ type, stream }) => type === 'R' && stream === pod), { timeout: 20_000 })
    .toBe(true)
  expect(lan.connections()).toBe(0)
})

test('after a program has ended, its port leads nowhere, even if another program takes it', async () => {
  const web = await listener('127.0.0.1')
  const { node, ports } = await opened(web.port)
  await leadsToProgram(node, web.port, web.connections)
  ports.close('web')
  for (const stream of node.opened(`accept ${web.port}`)) node.send('C', stream)
  node.send('C', node.opened(`listen ${web.port}`)[0] ?? 0)
  const { frames } = node
  await expect.poll(() => frames.filter(({ type }) => type === 'R').length).toBeGreaterThanOrEqual(5)
  expect(web.connections()).toBe(1)
})

test('one port has at most 256 connections', async () => {
  const web = await listener('127.0.0.1')
  const { node } = await opened(web.port)
  const answered = new Set<number>()
  const answer = () => {
    for (const stream of node.opened(`accept ${web.port}`)) if (!answered.has(stream)) node.send('C', stream)
    for (const stream of node.opened(`accept ${web.port}`)) answered.add(stream)
    return web.connections()
  }
  await expect.poll(answer, { timeout: 20_000 }).toBe(256)
  expect(node.opened(`accept ${web.port}`)).toHaveLength(256)
})

test('devk itself listens on nothing for it', async () => {
  const { node } = await opened((await listener('127.0.0.1')).port)
  expect(node.frames.filter(({ type }) => type === 'O').length).toBeGreaterThan(0)
  const listening = process.getActiveResourcesInfo().filter((each) => each === 'TCPServerWrap')
  expect(listening).toHaveLength(1)
})
