import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { fromPods } from '../../../src/up/live/from-pods.ts'
import { agentsOfCheckout } from '../../support/agents.ts'
import { docker, type FakeNode, startNode } from './node.ts'

const address = '169.254.68.75'
let node: FakeNode

beforeAll(async () => {
  node = await startNode()
})
afterAll(() => node?.remove())

/** A program that listens on 127.0.0.1 of this machine and answers its name. */
async function program(name: string): Promise<number> {
  const server: Server = createServer((request, response) => {
    request.resume().on('end', () => response.end(`${name} ${request.method} ${request.url}`))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** Opens ports to the node, as devk does while the program runs. */
async function open(name: string, port: number) {
  const stop = new AbortController()
  const agents = agentsOfCheckout()
  onTestFinished(() => agents.close())
  const said: string[] = []
  const report = (_name: string, text: string) => said.push(text)
  const ports = fromPods({ agents, nodeContainers: [node.id], report }, stop.signal)
  ports.open(name, [port])
  await expect.poll(() => said, { timeout: 60_000 }).toEqual([`pods reach it at host.devk.internal:${port}`])
  return { ports, agents }
}

/** What a program on the node gets from an address, or why not. */
const ask = (to: string, port: number) =>
  node.sh(`perl -e '
    use IO::Socket::INET;
    my $s = IO::Socket::INET->new(PeerAddr => "${to}", PeerPort => ${port}, Timeout => 5) or do { print "$!"; exit };
    print $s "GET /x HTTP/1.0\\r\\n\\r\\n"; local $/; my $all = <$s>; print $all =~ s/.*\\r\\n\\r\\n//sr'`)
const addresses = () => node.sh('cat /proc/net/fib_trie')

test('a program on the node reaches one that listens on 127.0.0.1 of this machine, by its port and no other', async () => {
  const [web, other] = [await program('web'), await program('other')]
  await open('web', web)
  expect(await ask(address, web)).toBe('web GET /x')
  expect(await ask(address, other)).toBe('Connection refused')
  const [own = ''] = (await node.sh('hostname -i')).split(' ')
  expect(await ask(own.trim(), web)).toBe('Connection refused')
  expect(await ask('127.0.0.1', web)).toBe('Connection refused')
})

test('the engine and its other containers do not reach the port', async () => {
  const web = await program('web')
  await open('web', web)
  const [own = ''] = (await node.sh('hostname -i')).split(' ')
  // A container that sends packets for the address to the node has to be privileged.
  const route = `ip route add ${address}/32 via ${own.trim()} 2>/dev/null`
  const neighbour = `${route}; perl -e 'use IO::Socket::INET; print IO::Socket::INET->new(PeerAddr => "${address}:${web}", Timeout => 3) ? "reached" : "not reached"'`
  expect(await docker('run', '--rm', 'kit/debian:bookworm', 'sh', '-c', neighbour)).toBe('not reached')
})

test('a port is refused as soon as its program has ended, and the address is gone with devk', async () => {
  const web = await program('web')
  const { ports, agents } = await open('web', web)
  expect(await addresses()).toContain(address)
  ports.close('web')
  await expect.poll(() => ask(address, web), { timeout: 20_000 }).toBe('Connection refused')
  agents.close()
  await expect.poll(addresses, { timeout: 20_000 }).not.toContain(address)
})

test('a devk that ends leaves the address to the one that still needs it', async () => {
  const [web, api] = [await program('web'), await program('api')]
  const [one, two] = [await open('web', web), await open('api', api)]
  one.agents.close()
  await expect.poll(() => ask(address, web), { timeout: 20_000 }).toBe('Connection refused')
  expect(await ask(address, api)).toBe('api GET /x')
  two.agents.close()
  await expect.poll(addresses, { timeout: 20_000 }).not.toContain(address)
})

test('a port that a program of the node has is named', async () => {
  await node.sh(
    `perl -e 'use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalPort => 7000, Listen => 1) or die; sleep 60' </dev/null >/dev/null 2>&1 & sleep 0.3`,
  )
  const agents = agentsOfCheckout()
  const stop = new AbortController()
  onTestFinished(() => {
    stop.abort()
    agents.close()
  })
  const said: string[] = []
  const report = (_name: string, text: string) => said.push(text)
  fromPods({ agents, nodeContainers: [node.id], report }, stop.signal).open('web', [7000])
  const reason = 'address already in use'
  const text = `pods on node ${node.id} cannot reach it at host.devk.internal:7000: ${reason}`
  await expect.poll(() => said, { timeout: 60_000 }).toEqual([text])
})
