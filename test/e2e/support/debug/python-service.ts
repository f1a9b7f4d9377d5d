import { join } from 'node:path'
import { expect } from 'vitest'
import type { WebProject } from '../projects/web-project.ts'
import { attach, type Breakpoint, type DapClient, dapClient, readAt, type Stopped } from './dap.ts'
import { addService, strictManifest } from './debugged-service.ts'

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
/** On this machine. */
const port = 18678

const dockerfile = `FROM python:3.12-slim
ENV PYTHONPATH=/lib-of-image
COPY lib.py /lib-of-image/
WORKDIR /app
COPY src/ .
CMD ["python", "-u", "main.py"]
`

/** Debugs a service in Python with a client of the Debug Adapter Protocol, in the process that the program starts. */
export async function provePythonDebug(project: WebProject, cluster: string): Promise<void> {
  const service = await addService(project, cluster, {
    name: 'greeter',
    entry: { build: { context: 'greeter' }, sync: [{ from: 'greeter/src', to: '/app' }] },
    files: {
      'greeter/Dockerfile': dockerfile,
      'greeter/lib.py': "def greeting(count):\n    return 'hello %d' % count\n",
      'greeter/src/main.py': parent,
      'greeter/src/app.py': app,
    },
    manifest: strictManifest('greeter', 0),
  })
  await service.deploy()
  const session = await service.debug(['--write', 'vscode', '--port', String(port)], 180_000)
  expect(session.told).toMatchObject({ service: 'greeter', runtime: 'python', address: `127.0.0.1:${port}` })
  const entry = await service.launchEntry()
  expect(entry).toMatchObject({ type: 'debugpy', connect: { host: '127.0.0.1', port } })

  const breakpoint = { path: join(project.folder, 'greeter/src/app.py'), line: 6 }
  const stopped = await stopPython({ folder: project.folder, entry, port, breakpoint })
  expect(await stopped.read('greeting')).toMatch(/^'hello \d+'$/)
  await session.stands()
  stopped.close()
  await session.goesOn()
  await session.end()
  await service.remove()
}

/** A program in Python under debugpy that starts another process, which serves. */
interface PythonProgram {
  /** The folder of the project, and the entry of .vscode/launch.json for the program. */
  readonly folder: string
  readonly entry: Record<string, unknown>
  /** On this machine. */
  readonly port: number
  readonly breakpoint: Breakpoint
  /** Leads the program to the breakpoint, if it does not come there by itself. */
  readonly lead?: () => Promise<unknown>
}

/** Attaches to all processes of the program as VS Code does, and waits until one stands at the breakpoint. */
export async function stopPython({ folder, entry, port, breakpoint, lead }: PythonProgram): Promise<Stopped> {
  const pathMappings = (entry.pathMappings as { localRoot: string; remoteRoot: string }[]).map((each) => {
    return { ...each, localRoot: each.localRoot.replace(`\${workspaceFolder}`, folder) }
  })
  const connect = { host: '127.0.0.1', port }
  const attached = (more: object) =>
    attach(dapClient(port), 'debugpy', { pathMappings, ...more, justMyCode: true, connect }, breakpoint)
  const whole = await attached({})
  // debugpy tells of the process that serves and of a helper of multiprocessing, in any order. VS Code connects to both.
  const clients = await Promise.all(
    [1, 2].map(async () => {
      const { subProcessId } = await whole.event('debugpyAttach')
      return attached({ subProcessId })
    }),
  )
  void lead?.().catch(() => {})
  const stopped = clients.map(async (each) => ({ client: each, ...(await each.event('stopped')) }))
  const { client, threadId } = await Promise.any<{ client: DapClient; threadId?: unknown }>(stopped)
  return {
    read: (expression) => readAt(client, threadId, breakpoint, expression),
    close() {
      for (const each of [...clients, whole]) each.close()
    },
  }
}
