import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, vi } from 'vitest'
import { kubectlIn } from '../kubectl.ts'
import type { WebProject } from '../projects/web-project.ts'
import { inspectorClient } from './inspector.ts'

/** The fifth line is the one with the breakpoint. */
const server = `const { createServer } = require('node:http')
let count = 0
function tick() {
  const greeting = 'hello ' + ++count
  return greeting
}
setInterval(tick, 100)
createServer((_, response) => response.end(tick())).listen(8080)
`
const breakpointLine = 5
/** On this machine. */
const port = 18229

/** A production manifest: the kubelet restarts the program when it does not answer for a second. */
const manifest = `apiVersion: apps/v1
kind: Deployment
metadata: { name: ticker }
spec:
  replicas: 2
  selector: { matchLabels: { app: ticker } }
  template:
    metadata: { labels: { app: ticker } }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: ticker
          image: ticker
          ports: [{ containerPort: 8080 }]
          readinessProbe: { httpGet: { path: /, port: 8080 }, periodSeconds: 1, failureThreshold: 1 }
          livenessProbe: { httpGet: { path: /, port: 8080 }, periodSeconds: 1, failureThreshold: 1 }
`

/** Debugs a service in Node with a client of the inspector, and ends one session by Ctrl-C and one by kill -9. */
export async function proveNodeDebug(project: WebProject, cluster: string): Promise<void> {
  const { devk, folder, write } = project
  const kubectl = kubectlIn(`${cluster}-control-plane`)
  const file = 'platform.config.json'
  const before = await readFile(join(folder, file), 'utf8')
  const config = JSON.parse(before)
  config.services.ticker = { build: { context: 'ticker' }, replicas: 2, sync: [{ from: 'ticker', to: '/app' }] }
  await write('ticker/Dockerfile', 'FROM node:22\nWORKDIR /app\nCOPY server.js .\nCMD ["node", "server.js"]\n')
  await write('ticker/server.js', server)
  await write('k8s/ticker.yaml', manifest)
  await write(file, JSON.stringify(config))
  const up = () => devk.run(['up', '--detach', '--yes'])
  const first = await up()
  expect([first.exitCode, first.stderr]).toEqual([0, expect.any(String)])
  const deployment = async () => JSON.parse(await kubectl('get', 'deployment', 'ticker', '-o', 'json'))
  const applied = (await deployment()).spec

  // What the editor of the user already has stays.
  await write('.vscode/launch.json', '{\n  // ours\n  "configurations": [{ "name": "tests" }]\n}\n')
  const session = devk.start(['debug', 'ticker', '--json', '--write', 'vscode', '--port', String(port)])
  onTestFinished(() => void session.child.kill('SIGKILL'))
  const [text] = await session.waitFor(/^\{[\s\S]*?^\}/m, 120_000)
  const told = JSON.parse(text)
  expect(told).toMatchObject({ service: 'ticker', runtime: 'node', address: `127.0.0.1:${port}`, container: 'ticker' })
  const launch = await readFile(join(folder, '.vscode/launch.json'), 'utf8')
  expect(launch).toContain('// ours')
  const [entry] = JSON.parse(launch.replace('// ours', '')).configurations
  expect(entry).toMatchObject({ type: 'node', port, localRoot: `\${workspaceFolder}/ticker` })

  const pod = async () => JSON.parse(await kubectl('get', 'pod', told.pod, '-o', 'json')).status.containerStatuses[0]
  const url = `file://${entry.remoteRoot}/server.js`
  const paused = await stopAtBreakpoint(url)
  // The probes see a program that does not answer, and the container stays.
  await vi.waitFor(async () => expect((await pod()).ready).toBe(false), { timeout: 30_000, interval: 500 })
  expect(await paused.read('greeting')).toMatch(/^hello \d+$/)
  expect((await pod()).restartCount).toBe(0)
  paused.close()
  await vi.waitFor(async () => expect((await pod()).ready).toBe(true), { timeout: 30_000, interval: 500 })

  // The program ends and starts again, and the debugger follows.
  const last = await stopAtBreakpoint(url)
  last.read('process.exit(1)').catch(() => {})
  await vi.waitFor(async () => expect((await pod()).restartCount).toBe(1), { timeout: 30_000, interval: 500 })
  ;(await vi.waitFor(() => stopAtBreakpoint(url), { timeout: 60_000 })).close()

  session.child.kill('SIGINT')
  expect((await session.finished).exitCode).toBe(130)
  expect((await deployment()).spec).toEqual(applied)
  await kubectl('rollout', 'status', 'deployment/ticker', '--timeout=120s')
  expect((await up()).stderr).toMatch(/nothing changed/)

  const killed = devk.start(['debug', 'ticker', '--json', '--port', String(port)])
  await killed.waitFor(/^\{[\s\S]*?^\}/m, 120_000)
  killed.child.kill('SIGKILL')
  await killed.finished
  const note = async () => JSON.parse((await devk.run(['status', '--json'])).stdout).services.map(noteOf)
  expect(await note()).toContainEqual(['ticker', expect.stringContaining('debug session')])
  expect((await up()).exitCode).toBe(0)
  expect((await deployment()).spec).toEqual(applied)
  expect(await note()).toContainEqual(['ticker', null])

  const refused = await devk.run(['debug', 'web'])
  expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining('/nodejs/bin/node')])
  await writeFile(join(folder, file), before)
  await rm(join(folder, 'k8s/ticker.yaml'))
  expect((await up()).exitCode).toBe(0)
}

const noteOf = ({ name, note }: { name: string; note: string | null }) => [name, note]

/** Stops the program at the breakpoint, with a connection of its own. */
async function stopAtBreakpoint(url: string) {
  const client = await inspectorClient(`127.0.0.1:${port}`)
  const stopped = client.next('Debugger.paused')
  await client.send('Debugger.enable')
  await client.send('Debugger.setBreakpointByUrl', { url, lineNumber: breakpointLine - 1 })
  const { callFrames } = (await stopped) as { callFrames: { callFrameId: string }[] }
  return {
    async read(expression: string) {
      const at = { callFrameId: callFrames[0]?.callFrameId, expression }
      const { result } = await client.send('Debugger.evaluateOnCallFrame', at)
      return (result as { value: unknown }).value
    },
    close: client.close,
  }
}
