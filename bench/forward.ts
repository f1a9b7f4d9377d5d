/**
 * Forwards through the agent on a node: latency of one byte, short connections a second, and throughput both ways. A container of Node's
 * image is node and pod in one. Run: node bench/forward.ts [IMAGE]
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { execaRunner } from '../src/exec/runner.ts'
import { podConnect } from '../src/forward/connect.ts'
import { startForward } from '../src/forward/forwarder.ts'
import { agentsOfCheckout } from '../test/support/agents.ts'

const [image = 'node:22-slim'] = process.argv.slice(2)
const port = 7000
const megabytes = 512

/** The first byte says what a connection is for: e echoes, g gives, anything else is swallowed and its length told at the end. */
const server = `
require('node:net').createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  socket.on('error', () => {})
  socket.once('data', (first) => {
    const rest = first.subarray(1)
    if (first[0] === 101) { socket.write(rest); socket.pipe(socket); return }
    if (first[0] === 103) {
      const block = Buffer.alloc(1 << 16)
      let left = ${megabytes} * 16
      const go = () => { while (left > 0) { left--; if (!socket.write(block)) return socket.once('drain', go) } socket.end() }
      return go()
    }
    let n = rest.length
    socket.on('data', (data) => { n += data.length }).on('end', () => socket.end(String(n)))
  })
}).listen(${port})`

/** What the agent has used in all: time of the processor and, at most, memory. */
const agentUsage = `for p in /proc/[0-9]*; do
  tr '\\0' ' ' <$p/cmdline 2>/dev/null | grep -q '^/opt/devk/agent' || continue
  set -- $(cat $p/stat); echo "$((($14 + $15) * 10)) ms of the processor, $(grep VmHWM $p/status | tr -dc 0-9) KiB"
done`

const runner = execaRunner(process.env)
const started = await runner.run('docker', ['run', '-d', '--rm', image, 'node', '-e', server])
if (started.exitCode !== 0) throw new Error(started.stderr)
const nodeContainer = started.stdout.trim()
const all = new AbortController()
const agents = agentsOfCheckout()
const connectToPod = podConnect(agents, () => Promise.reject(new Error('the agent was not used')))
const target = { namespace: 'bench', name: 'pod', ip: '127.0.0.1', nodeContainer }

const open = async (localPort: number): Promise<Socket> => {
  const socket = connect({ port: localPort, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
  await once(socket, 'connect')
  return socket
}
const at = (values: readonly number[], p: number) =>
  [...values].sort((a, b) => a - b)[Math.ceil(values.length * p) - 1] ?? 0
const shown = (name: string, text: string) => console.log(`${name.padEnd(22)} ${text}`)

try {
  const { localPort } = await startForward({
    name: 'bench',
    localPort: 0,
    remotePort: port,
    target: () => target,
    connect: connectToPod,
    guard: { hosts: [], checksOrigin: false },
    signal: all.signal,
    now: Date.now,
    portOwner: async () => undefined,
  })
  const ping = await open(localPort)
  ping.write('e')
  const times: number[] = []
  for (let round = -200; round < 2000; round += 1) {
    const begin = performance.now()
    ping.write('x')
    await once(ping, 'data')
    if (round >= 0) times.push(performance.now() - begin)
  }
  ping.destroy()
  shown('one byte and back', `p50 ${at(times, 0.5).toFixed(3)} ms   p95 ${at(times, 0.95).toFixed(3)} ms`)

  const began = performance.now()
  for (let round = 0; round < 50; round += 1) {
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const socket = await open(localPort)
        socket.end(`e${'x'.repeat(1000)}`)
        let n = 0
        for await (const data of socket) n += data.length
        if (n !== 1000) throw new Error(`${n} bytes came back`)
      }),
    )
  }
  shown('short connections', `${(1000 / ((performance.now() - began) / 1000)).toFixed(0)} a second, 20 at once`)

  for (const parallel of [1, 8]) {
    const down = performance.now()
    await Promise.all(
      Array.from({ length: parallel }, async () => {
        const socket = await open(localPort)
        socket.write('g')
        let n = 0
        for await (const data of socket) n += data.length
        if (n !== megabytes << 20) throw new Error(`${n} bytes came`)
      }),
    )
    shown(
      `from the pod, ${parallel} at once`,
      `${((megabytes * parallel) / ((performance.now() - down) / 1000)).toFixed(0)} MiB/s`,
    )
    const up = performance.now()
    await Promise.all(
      Array.from({ length: parallel }, async () => {
        const socket = await open(localPort)
        const block = Buffer.alloc(1 << 16)
        socket.write('s')
        for (let left = megabytes * 16; left > 0; left--) if (!socket.write(block)) await once(socket, 'drain')
        socket.end()
        const [answer] = await once(socket, 'data')
        if (Number(answer) !== megabytes << 20) throw new Error(`${answer} bytes arrived`)
      }),
    )
    shown(
      `to the pod, ${parallel} at once`,
      `${((megabytes * parallel) / ((performance.now() - up) / 1000)).toFixed(0)} MiB/s`,
    )
  }
  const usage = await runner.run('docker', ['exec', nodeContainer, 'sh', '-c', agentUsage])
  shown('the agent itself', usage.stdout)
} finally {
  all.abort()
  agents.close()
  await runner.run('docker', ['rm', '-f', '-v', nodeContainer])
}
