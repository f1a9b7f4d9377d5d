import { connect, createServer, type Server } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import type { CliContext } from '../../../../src/context.ts'
import { liveForwards } from '../../../../src/up/live/forwards.ts'
import type { PlannedForward } from '../../../../src/up/presets/forwards.ts'

/** Forwards to pods that answer with their names. */
function start() {
  const done = new AbortController()
  onTestFinished(() => done.abort())
  const lines: string[] = []
  const runner = { run: async () => ({ exitCode: 1, stdout: '', stderr: '' }) }
  const forwards = liveForwards({ runner, clock: Date.now } as unknown as CliContext, {
    connect: async ({ name }) => {
      if (name === 'pod of broken') throw new Error('refused')
      const pod = await listening(createServer((socket) => void socket.end(name)))
      return connect(pod)
    },
    report: (name, line) => void lines.push(`${name} ${line}`),
    signal: done.signal,
  })
  return { forwards, lines, end: () => done.abort() }
}

async function listening(server: Server): Promise<number> {
  onTestFinished(() => void server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as { port: number }).port
}

async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listening(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

const planned = (name: string, local: number, remote = 80): PlannedForward => ({
  name,
  local,
  remote,
  guard: { hosts: [], checksOrigin: false },
  target: () => ({ namespace: 'shop', name: `pod of ${name}`, ip: undefined, nodeContainer: undefined }),
})

/** What a client reads from a local port. */
const read = (port: number) => text(connect(port)).catch((error: NodeJS.ErrnoException) => error.code)

test('new forwards of a changed configuration listen, and those that it no longer has are closed', async () => {
  const { forwards, lines, end } = start()
  const [kept, old, added] = [await freePort(), await freePort(), await freePort()]
  await forwards.listen([planned('api', kept), planned('web', old)])
  await forwards.change([planned('api', kept), planned('worker', added)])
  expect(lines).toEqual([`web forward: localhost:${old} is closed`, `worker forward: localhost:${added} is open`])
  expect([await read(kept), await read(old), await read(added)]).toEqual([
    'pod of api',
    'ECONNREFUSED',
    'pod of worker',
  ])
  end()
  await forwards.done()
  expect(await read(added)).toBe('ECONNREFUSED')
})

test('a local port moves from one service to another', async () => {
  const { forwards } = start()
  const port = await freePort()
  await forwards.listen([planned('api', port)])
  await forwards.change([planned('web', port)])
  expect(await read(port)).toBe('pod of web')
})

test('a taken port is reported, the other forwards listen, and the next change tries it again', async () => {
  const { forwards, lines } = start()
  const other = createServer()
  const [taken, free] = [await listening(other), await freePort()]
  await forwards.change([planned('api', taken), planned('web', free)])
  expect(lines.toSorted()).toEqual([
    expect.stringMatching(`^api forward: Port ${taken} is taken`),
    `web forward: localhost:${free} is open`,
  ])
  expect(await read(free)).toBe('pod of web')
  await new Promise((resolve) => other.close(resolve))
  await forwards.change([planned('api', taken), planned('web', free)])
  expect(await read(taken)).toBe('pod of api')
})

test('each forward is tried once', async () => {
  const { forwards, lines } = start()
  await forwards.listen([planned('broken', await freePort())])
  await forwards.prove()
  expect(lines).toEqual(['broken forward: port 80 did not accept a connection: refused'])
  await forwards.prove()
  expect(lines).toHaveLength(1)
})
