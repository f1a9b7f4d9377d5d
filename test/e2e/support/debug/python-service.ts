import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'jsonc-parser'
import { expect, onTestFinished, vi } from 'vitest'
import { kubectlIn } from '../kubectl.ts'
import type { WebProject } from '../projects/web-project.ts'
import { type DapClient, dapClient } from './dap.ts'

/** A server that starts another process, which serves, as uvicorn --reload does. */
const parent = `import multiprocessing, app
if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    child = multiprocessing.Process(target=app.serve)
    child.start()
    child.join()
`
/** The sixth line is the one with the breakpoint. `lib.py` comes from the PYTHONPATH of the image. */
const app = `import http.server, threading, time, lib
count = 0
def tick():
    global count
    greeting = lib.greeting(count)
    count += 1
    return greeting
def forever():
    while True:
        tick()
        time.sleep(0.1)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(tick().encode())
def serve():
    threading.Thread(target=forever, daemon=True).start()
    http.server.HTTPServer(('', 8080), Handler).serve_forever()
`
const breakpointLine = 6
/** On this machine. */
const port = 18678

const dockerfile = `FROM python:3.12-slim
ENV PYTHONPATH=/lib-of-image
COPY lib.py /lib-of-image/
WORKDIR /app
COPY src/ .
CMD ["python", "-u", "main.py"]
`

/** A production manifest in the strictest form: another user, a root that is read-only, no capabilities. */
const manifest = `apiVersion: apps/v1
kind: Deployment
metadata: { name: greeter }
spec:
  selector: { matchLabels: { app: greeter } }
  template:
    metadata: { labels: { app: greeter } }
    spec:
      terminationGracePeriodSeconds: 0
      securityContext: { runAsUser: 1234, runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }
      containers:
        - name: greeter
          image: greeter
          readinessProbe: { httpGet: { path: /, port: 8080 }, periodSeconds: 1, failureThreshold: 1 }
          livenessProbe: { httpGet: { path: /, port: 8080 }, periodSeconds: 1, failureThreshold: 5 }
          securityContext:
            readOnlyRootFilesystem: true
            allowPrivilegeEscalation: false
            capabilities: { drop: [ALL] }
`

/** Debugs a service in Python with a client of the Debug Adapter Protocol, in the process that the program starts. */
export async function provePythonDebug(project: WebProject, cluster: string): Promise<void> {
  const { devk, folder, write } = project
  const kubectl = kubectlIn(`${cluster}-control-plane`)
  const file = 'platform.config.json'
  const before = await readFile(join(folder, file), 'utf8')
  const config = JSON.parse(before)
  config.services.greeter = { build: { context: 'greeter' }, sync: [{ from: 'greeter/src', to: '/app' }] }
  await write('greeter/Dockerfile', dockerfile)
  await write('greeter/lib.py', "def greeting(count):\n    return 'hello %d' % count\n")
  await write('greeter/src/main.py', parent)
  await write('greeter/src/app.py', app)
  await write('k8s/greeter.yaml', manifest)
  await write(file, JSON.stringify(config))
  const up = () => devk.run(['up', '--detach', '--yes'])
  const first = await up()
  expect([first.exitCode, first.stderr]).toEqual([0, expect.any(String)])
  const spec = async () => JSON.parse(await kubectl('get', 'deployment', 'greeter', '-o', 'json')).spec
  const applied = await spec()

  const session = devk.start(['debug', 'greeter', '--json', '--write', 'vscode', '--port', String(port)])
  onTestFinished(() => void session.child.kill('SIGKILL'))
  const told = JSON.parse((await session.waitFor(/^\{[\s\S]*?^\}/m, 180_000))[0])
  expect(told).toMatchObject({ service: 'greeter', runtime: 'python', address: `127.0.0.1:${port}` })
  const { configurations } = parse(await readFile(join(folder, '.vscode/launch.json'), 'utf8'))
  const entry = configurations.find(({ name }: { name: string }) => name === 'devk: greeter')
  expect(entry).toMatchObject({ type: 'debugpy', connect: { host: '127.0.0.1', port } })

  const source = join(folder, 'greeter/src/app.py')
  const pathMappings = entry.pathMappings.map((each: { localRoot: string; remoteRoot: string }) => {
    return { ...each, localRoot: each.localRoot.replace(`\${workspaceFolder}`, folder) }
  })
  const whole = await attach(dapClient(port), { pathMappings }, source)
  // debugpy tells of the process that the program has started, and VS Code connects to it as well.
  const child = await whole.event('debugpyAttach')
  const client = await attach(dapClient(port), { pathMappings, subProcessId: child.subProcessId }, source)
  const { threadId } = await client.event('stopped')
  const { stackFrames } = (await client.request('stackTrace', { threadId })) as {
    stackFrames: { id: number; line: number; source: { path: string } }[]
  }
  expect([stackFrames[0]?.line, stackFrames[0]?.source.path]).toEqual([breakpointLine, source])
  const read = await client.request('evaluate', { expression: 'greeting', frameId: stackFrames[0]?.id })
  expect(read.result).toMatch(/^'hello \d+'$/)

  const pod = async () => JSON.parse(await kubectl('get', 'pod', told.pod, '-o', 'json')).status.containerStatuses[0]
  await vi.waitFor(async () => expect((await pod()).ready).toBe(false), { timeout: 30_000, interval: 500 })
  expect((await pod()).restartCount).toBe(0)
  client.close()
  whole.close()
  await vi.waitFor(async () => expect((await pod()).ready).toBe(true), { timeout: 30_000, interval: 500 })

  session.child.kill('SIGINT')
  const ended = await session.finished
  expect([ended.exitCode, ended.stderr]).toEqual([130, expect.not.stringContaining('!')])
  expect(await spec()).toEqual(applied)
  await kubectl('rollout', 'status', 'deployment/greeter', '--timeout=120s')
  expect((await up()).stderr).toMatch(/nothing changed/)
  await write(file, before)
  await rm(join(folder, 'k8s/greeter.yaml'))
  expect((await up()).exitCode).toBe(0)
}

/** What VS Code does: attach, set the breakpoint, and let the program go on. */
async function attach(client: DapClient, how: object, path: string): Promise<DapClient> {
  await client.request('initialize', { adapterID: 'debugpy', linesStartAt1: true, pathFormat: 'path' })
  const attached = client.request('attach', { ...how, justMyCode: true, connect: { host: '127.0.0.1', port } })
  await client.event('initialized')
  await client.request('setBreakpoints', { source: { path }, breakpoints: [{ line: breakpointLine }] })
  await client.request('configurationDone')
  await attached
  return client
}
