/**
 * Forwards to a pod of a kind cluster: one byte and back, short connections, and 1 GiB, by turns through the agent on the node, through the
 * API server, and with `kubectl port-forward`. Then one million requests through the agent, of which none may fail.
 * Needs a Docker engine, and the kit's kubectl and images. Run: node bench/forward.ts
 */
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { execaRunner } from '../src/exec/runner.ts'
import { connectFromNode, type ForwardTarget } from '../src/forward/connect.ts'
import { type Connect, startForward } from '../src/forward/forwarder.ts'
import { connectKube } from '../src/kube/client/client.ts'
import { createTestCluster } from '../test/e2e/support/test-cluster.ts'
import { findKubectl } from '../test/e2e/support/tools.ts'
import { agentsOfCheckout } from '../test/support/agents.ts'
import { type Arm, compare, timed } from './lib/arms.ts'
import { image, port, serverPod, webPort } from './lib/forward-server.ts'

const gibibyte = 1024 ** 3
const requests = 1_000_000
const clients = 50
const all = new AbortController()
const { signal } = all
const agents = agentsOfCheckout()
const cluster = await createTestCluster('bench-forward')
const kubectl = execaRunner(process.env).spawn

/** A way from a port of this machine to the port of the pod. */
interface Way {
  readonly name: string
  readonly localPort: number
}

const open = async (localPort: number): Promise<Socket> => {
  const socket = connect({ port: localPort, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
  await once(socket, 'connect')
  return socket
}

/** Bytes that come on a connection until its end. */
async function received(socket: Socket): Promise<number> {
  let bytes = 0
  for await (const data of socket) bytes += data.length
  return bytes
}

async function forward(name: string, connectTo: Connect<ForwardTarget>, remotePort: number): Promise<Way> {
  const { items } = JSON.parse(await cluster.kubectl('get', 'pods', '-o', 'json'))
  const target = { namespace: 'default', name: 'server', ip: items[0].status.podIP, nodeContainer: cluster.node }
  const { localPort } = await startForward({
    name,
    localPort: 0,
    remotePort,
    target: () => target,
    connect: connectTo,
    guard: { hosts: [], checksOrigin: false },
    signal,
    now: Date.now,
    portOwner: async () => undefined,
  })
  return { name, localPort }
}

async function kubectlForward(): Promise<Way> {
  const where = ['--kubeconfig', cluster.kubeconfig, '--context', cluster.context]
  const child = kubectl(await findKubectl(), [...where, 'port-forward', 'pod/server', `:${port}`], { signal })
  const [line] = await once(child.stdout, 'data')
  return { name: 'kubectl port-forward', localPort: Number(String(line).match(/127\.0\.0\.1:(\d+)/)?.[1]) }
}

const arms = (ways: readonly [Way, ...Way[]], run: (localPort: number) => Promise<unknown>) =>
  ways.map(({ name, localPort }) => ({ name, run: () => timed(() => run(localPort)) })) as unknown as [Arm, ...Arm[]]

async function oneByteAndBack(localPort: number): Promise<void> {
  const socket = await open(localPort)
  socket.write('e')
  for (let round = 0; round < 200; round += 1) {
    socket.write('x')
    await once(socket, 'data')
  }
  socket.destroy()
}

async function shortConnections(localPort: number): Promise<void> {
  await Promise.all(
    Array.from({ length: clients }, async () => {
      for (let turn = 0; turn < 4; turn += 1) {
        const socket = await open(localPort)
        socket.end(`e${'x'.repeat(1000)}`)
        const bytes = await received(socket)
        if (bytes !== 1000) throw new Error(`${bytes} of 1000 bytes came back`)
      }
    }),
  )
}

async function oneGibibyte(localPort: number): Promise<void> {
  const socket = await open(localPort)
  socket.write('g')
  const bytes = await received(socket)
  if (bytes !== gibibyte) throw new Error(`${bytes} bytes came`)
}

async function oneMillionRequests(localPort: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  let [sent, failed] = [0, 0]
  const one = () =>
    new Promise<void>((resolve) => {
      const fail = () => {
        failed += 1
        resolve()
      }
      request({ host: '127.0.0.1', port: localPort, agent }, (answer) => {
        if (answer.statusCode !== 200) failed += 1
        answer.resume().on('end', resolve).on('error', fail)
      })
        .on('error', fail)
        .end()
    })
  const took = await timed(() =>
    Promise.all(
      Array.from({ length: clients }, async () => {
        while (sent < requests) {
          sent += 1
          await one()
        }
      }),
    ),
  )
  agent.destroy()
  console.log(`\n${sent} requests, ${failed} failed, ${((sent / took) * 1000).toFixed(0)} a second`)
}

try {
  await cluster.loadImage(image)
  await cluster.apply(serverPod)
  await cluster.kubectl('wait', '--for=condition=Ready', 'pod/server', '--timeout=60s')
  const { streams } = await connectKube(cluster.kubeconfig, cluster.context)
  const fromNode: Connect<ForwardTarget> = ({ ip, nodeContainer }, remotePort, until) =>
    connectFromNode(agents, nodeContainer ?? '', `${ip} ${remotePort}`, until)
  const direct = await forward('devk, through the agent', fromNode, port)
  const ways = [
    direct,
    await forward('devk, through the API server', streams.connect, port),
    await kubectlForward(),
  ] as const
  await compare({ name: 'forward-200-round-trips', arms: arms(ways, oneByteAndBack), rounds: 30 })
  await compare({ name: 'forward-200-short-connections', arms: arms(ways, shortConnections), rounds: 30 })
  await compare({ name: 'forward-1-gibibyte', arms: arms(ways, oneGibibyte), rounds: 10, warmups: 1 })
  await oneMillionRequests((await forward('requests', fromNode, webPort)).localPort)
} finally {
  all.abort()
  agents.close()
  await cluster.delete()
}
