import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { connectLoopback } from '../../../src/forward/loopback.ts'
import { listenOnNodes } from '../../../src/swap/listen.ts'
import { startRestorer } from '../../../src/swap/restorer.ts'
import { agentsOfCheckout } from '../../support/agents.ts'
import { docker, type FakeNode, startNode } from './node.ts'

const address = '198.18.68.75'
let node: FakeNode

beforeAll(async () => {
  node = await startNode()
})
afterAll(() => node?.remove())

/** A program that listens on 127.0.0.1 of this machine. */
async function program(): Promise<number> {
  const server = createServer((request, response) => response.end(`here ${request.url}`))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** Makes the node listen for a port of a Service, as devk swap does. */
async function listening(local: number, name = 'shop/api') {
  const stop = new AbortController()
  const agents = agentsOfCheckout()
  onTestFinished(() => {
    stop.abort()
    agents.close()
  })
  const about = { agents, nodes: [node.id], name, connect: connectLoopback, onFailed: () => {} }
  const [led] = await listenOnNodes(about, [{ name: 'http', port: 80, target: 8080, local }], stop.signal)
  return { agents, port: led?.nodePort ?? 0 }
}

/** A request to the address of swaps, and what answers it, or why nothing does. */
const request = (port: number) => `perl -e '
    use IO::Socket::INET;
    my $s = IO::Socket::INET->new(PeerAddr => "${address}", PeerPort => ${port}, Timeout => 3) or do { print "$!"; exit };
    $SIG{ALRM} = sub { exit }; alarm 5;
    print $s "GET /x HTTP/1.0\\r\\n\\r\\n"; local $/; my $all = <$s>; print $all =~ s/.*\\r\\n\\r\\n//sr'`
/** What a program on the node gets. */
const ask = (port: number) => node.sh(request(port))
const addresses = () => node.sh('cat /proc/net/fib_trie')

test('the address of swaps leads to a program of this machine, and is gone with devk', async () => {
  const { agents, port } = await listening(await program())
  expect(await ask(port)).toBe('here /x')
  agents.close()
  await expect.poll(addresses, { timeout: 20_000 }).not.toContain(address)
})

test('two swaps of the same Service listen at different ports', async () => {
  const [one, two] = [await listening(await program()), await listening(await program())]
  expect(two.port).toBe(one.port + 1)
  expect([await ask(one.port), await ask(two.port)]).toEqual(['here /x', 'here /x'])
})

test('the engine and its other containers do not reach the port', async () => {
  const { port } = await listening(await program())
  const [own = ''] = (await node.sh('hostname -i')).split(' ')
  const route = `ip route add ${address}/32 via ${own.trim()} 2>/dev/null`
  // Where a proxy stands between this machine and others, something accepts each connection, but it is not the program.
  const neighbour = `${route}; ${request(port)}`
  expect(await docker('run', '--rm', 'kit/debian:bookworm', 'sh', '-c', neighbour)).not.toContain('here')
  expect(await ask(port)).toBe('here /x')
})

/** A kubectl on the node that writes down what it is asked, and answers with a swapped Service. */
async function recordKubectl(): Promise<void> {
  const before = { kind: 'Service', metadata: { name: 'api', namespace: 'shop' } }
  const note = JSON.stringify({ session: 's1', before })
  const service = JSON.stringify({
    metadata: { uid: 'u1', resourceVersion: '7', annotations: { 'devk.dev/swap': note } },
  })
  await node.sh(`mkdir -p /kubectl; rm -f /kubectl/calls; cat > /kubectl/service <<'END'
${service}
END
cat > /usr/local/bin/kubectl <<'END'
#!/bin/sh
case "$*" in *" get "*) cat /kubectl/service;; *" apply "*) cat > /dev/null;; esac
echo "$*" >> /kubectl/calls
END
chmod +x /usr/local/bin/kubectl`)
}
const calls = () => node.sh('cat /kubectl/calls 2>/dev/null || true')

/** The agent that leads a Service back, as devk swap starts it. */
async function restorer() {
  const agents = agentsOfCheckout()
  const stop = new AbortController()
  onTestFinished(() => {
    stop.abort()
    agents.close()
  })
  const service = { namespace: 'shop', name: 'api' }
  const about = { agents, plane: node.id, kubectl: ['kubectl', '--kubeconfig', 'admin'], service, session: 's1' }
  return { agents, stop, started: await startRestorer(about, stop.signal) }
}

test('a devk that has led the Service back itself leaves nothing to the node', async () => {
  await recordKubectl()
  const { agents, started } = await restorer()
  await started.disarm()
  agents.close()
  const running = () => node.sh(`grep -lz '[r]estore' /proc/[0-9]*/cmdline 2>/dev/null || true`)
  await expect.poll(running, { timeout: 20_000 }).toBe('')
  expect(await calls()).toBe('')
})

test('when devk is gone, the node leads the Service back', async () => {
  await recordKubectl()
  const { agents, stop } = await restorer()
  expect(await calls()).toBe('')
  stop.abort()
  // Ends docker exec, as a kill -9 of devk does.
  agents.close()
  await expect.poll(calls, { timeout: 20_000 }).toMatch(/ get service api .*\n.* apply --server-side .*\n.* delete /)
})
