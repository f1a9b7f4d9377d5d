/**
 * Debuggers in containers of the strictest form, each with a client that editors have. The examples Todo and HustleX are debugged in
 * their own tests.
 * @module-tag slow-images
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addService, type DebuggedService, strictManifest } from '../support/debug/debugged-service.ts'
import { proveGoDebug } from '../support/debug/go-service.ts'
import { attachJdb } from '../support/debug/jdb.ts'
import { proveNodeDebug } from '../support/debug/node-service.ts'
import { provePythonDebug } from '../support/debug/python-service.ts'
import { proveRubyDebug } from '../support/debug/ruby-service.ts'
import { leftovers } from '../support/leftovers.ts'
import { createWebProject, type WebProject } from '../support/projects/web-project.ts'

const name = 'debugged'
/** On this machine. */
const port = 18505
const image = 'eclipse-temurin:21'
/** The 18th line is the one with the breakpoint. */
const source = `import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;

public class Server {
  public static void main(String[] args) throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress(8080), 0);
    server.createContext("/", exchange -> {
      byte[] body = tick(Integer.getInteger("start", 0)).getBytes();
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.start();
    for (int count = 0; ; count++) { tick(count); Thread.sleep(100); }
  }
  static String tick(int count) {
    String greeting = "hello " + count;
    return greeting;
  }
}
`
const breakpointLine = 18

const dockerfile = `FROM ${image}
WORKDIR /app
COPY Server.java .
RUN javac -g Server.java
ENV JAVA_TOOL_OPTIONS=-Dstart=7
CMD ["java", "Server"]
`

let project: WebProject
let service: DebuggedService

beforeAll(async () => {
  project = await createWebProject({ name, port: 30097 })
  service = await addService(project, name, {
    name: 'brewer',
    entry: { build: { context: 'brewer' } },
    files: { 'brewer/Dockerfile': dockerfile, 'brewer/Server.java': source },
    manifest: strictManifest('brewer', 1),
  })
})

afterAll(() => project?.dispose())

test('up deploys the program', () => service.deploy('--timeout', '10m'), 900_000)

test('a breakpoint is hit, a variable is read, and the service is as it was at the end', async () => {
  const session = await service.debug(['--write', 'vscode', '--port', String(port)], 240_000)
  const { told } = session
  expect(told).toMatchObject({ service: 'brewer', runtime: 'jvm', address: `127.0.0.1:${port}`, container: 'brewer' })
  expect(await service.launchEntry()).toMatchObject({ type: 'java', request: 'attach', hostName: '127.0.0.1', port })
  // The options of the image count as without the session.
  const path = `/api/v1/namespaces/default/pods/${told.pod}:8080/proxy/`
  expect(await service.kubectl('get', '--raw', path)).toBe('hello 7')
  // A client that comes back is served as well.
  for (const _each of [1, 2]) {
    const jdb = attachJdb(image, port)
    jdb.say(`stop at Server:${breakpointLine}`)
    await jdb.shows(new RegExp(`Breakpoint hit: .*line=${breakpointLine} `))
    jdb.say('print greeting')
    await jdb.shows(/greeting = "hello \d+"/)
    await session.stands()
    await jdb.quit()
    await session.goesOn()
  }
  await session.end()
}, 600_000)

test('a breakpoint in Go is hit, and the service is as it was at the end', () => proveGoDebug(project, name), 900_000)

test('breakpoints in Node and Python are hit, and the services are as they were at the end', async () => {
  await proveNodeDebug(project, name)
  await provePythonDebug(project, name)
}, 900_000)

test(
  'a breakpoint in Ruby is hit, and the service is as it was at the end',
  () => proveRubyDebug(project, name),
  600_000,
)

test('down leaves nothing', async () => {
  expect((await project.devk.run(['down'])).exitCode).toBe(0)
  expect(await leftovers(name)).toEqual([])
})
