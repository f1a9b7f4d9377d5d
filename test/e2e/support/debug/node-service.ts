import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import type { WebProject } from '../projects/web-project.ts'
import { addService } from './debugged-service.ts'
import { stopNode } from './inspector.ts'

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
  const service = await addService(project, cluster, {
    name: 'ticker',
    entry: { build: { context: 'ticker' }, replicas: 2, sync: [{ from: 'ticker', to: '/app' }] },
    files: {
      'ticker/Dockerfile': 'FROM node:22\nWORKDIR /app\nCOPY server.js .\nCMD ["node", "server.js"]\n',
      'ticker/server.js': server,
    },
    manifest,
  })
  await service.deploy()
  const applied = await service.spec()

  // What the editor of the user already has stays.
  await write('.vscode/launch.json', '{\n  // ours\n  "configurations": [{ "name": "tests" }]\n}\n')
  const session = await service.debug(['--write', 'vscode', '--port', String(port)], 120_000)
  const { told } = session
  expect(told).toMatchObject({ service: 'ticker', runtime: 'node', address: `127.0.0.1:${port}`, container: 'ticker' })
  const launch = await readFile(join(folder, '.vscode/launch.json'), 'utf8')
  expect(launch).toContain('// ours')
  const [entry] = JSON.parse(launch.replace('// ours', '')).configurations
  expect(entry).toMatchObject({ type: 'node', port, localRoot: `\${workspaceFolder}/ticker` })

  const at = { port, url: `file://${entry.remoteRoot}/server.js`, line: breakpointLine }
  const paused = await stopNode(at)
  await session.stands()
  expect(await paused.read('greeting')).toMatch(/^hello \d+$/)
  paused.close()
  await session.goesOn()

  // The program ends and starts again, and the debugger follows.
  const last = await stopNode(at)
  last.read('process.exit(1)').catch(() => {})
  const restarts = async () => (await session.pod()).restartCount
  await vi.waitFor(async () => expect(await restarts()).toBe(1), { timeout: 30_000, interval: 500 })
  ;(await vi.waitFor(() => stopNode(at), { timeout: 60_000 })).close()
  await session.end()

  const killed = (await service.debug(['--port', String(port)], 120_000)).running
  killed.child.kill('SIGKILL')
  await killed.finished
  const note = async () => JSON.parse((await devk.run(['status', '--json'])).stdout).services.map(noteOf)
  expect(await note()).toContainEqual(['ticker', expect.stringContaining('debug session')])
  expect((await service.up()).exitCode).toBe(0)
  expect(await service.spec()).toEqual(applied)
  expect(await note()).toContainEqual(['ticker', null])

  const refused = await devk.run(['debug', 'web'])
  expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining('/nodejs/bin/node')])
  await service.remove()
}

const noteOf = ({ name, note }: { name: string; note: string | null }) => [name, note]
