import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { ContainerInfo, Engine } from '../../../../src/engine/api.ts'
import { leaveRegistry } from '../../../../src/images/registry/content.ts'

const signal = new AbortController().signal
const place = { container: 'registry', dataFolder: '/data', loginFolder: '/login' }
const shop = { place, project: 'shop', announced: false }

/** An engine whose registry listens on this port at the first inspection, and has the state `then` later. */
function engineOf(port: number, then: 'gone' | 'running'): Pick<Engine, 'containers'> {
  let asked = 0
  const running = {
    state: 'running',
    labels: { 'devk.dev/registry': 'true' },
    ports: [{ container: '5000/tcp', hostPort: port }],
  } as unknown as ContainerInfo
  const inspect = async () => (++asked === 1 || then === 'running' ? running : undefined)
  return { containers: { inspect } as unknown as Engine['containers'] }
}

/** A port without a listener. */
async function closedPort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

test('leaving a registry that somebody else removes meanwhile succeeds', async () => {
  const engine = engineOf(await closedPort(), 'gone') as Engine
  expect(await leaveRegistry(engine, shop, signal)).toEqual({ removed: 0, gone: true })
})

test('leaving a running registry that does not answer fails', async () => {
  const engine = engineOf(await closedPort(), 'running') as Engine
  await expect(leaveRegistry(engine, shop, signal)).rejects.toMatchObject({ code: 'LOAD_FAILED' })
})

test('a registry with images of other projects is kept', async () => {
  const server = createServer((request, response) =>
    response.end(JSON.stringify(request.url?.includes('_catalog') ? { repositories: ['mall/web'] } : { tags: ['1'] })),
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  const engine = engineOf((server.address() as AddressInfo).port, 'running') as Engine
  expect(await leaveRegistry(engine, shop, signal)).toEqual({ removed: 0, gone: false })
})

test('an empty registry is kept as long as a cluster announces it', async () => {
  const server = createServer((_request, response) => response.end(JSON.stringify({ repositories: [], tags: [] })))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  // Its container cannot be removed: the fake engine has no such call.
  const engine = engineOf((server.address() as AddressInfo).port, 'running') as Engine
  expect(await leaveRegistry(engine, { ...shop, announced: true }, signal)).toEqual({ removed: 0, gone: false })
})
