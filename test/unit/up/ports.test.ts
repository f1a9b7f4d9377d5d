import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { LoadedConfig } from '../../../src/config/schema.ts'
import { requireFreeForwards } from '../../../src/up/ports.ts'

let server: Server
const listenOn = async (host: string) => {
  server = createServer().listen(0, host)
  await once(server, 'listening')
}
afterEach(() => void server.close())

const portOwner = async () => ({ pid: 4121, program: 'nginx' })
const taken = () => (server.address() as { port: number }).port
const stackOf = (ports: readonly string[], forward: number | undefined) =>
  ({ services: { web: { ports } }, externals: { db: { forward, port: 5432 } }, locals: {} }) as unknown as LoadedConfig

test.each(['127.0.0.1', '::1'])(
  'a port that is taken on %s is reported with its owner, before anything is built',
  async (host) => {
    await listenOn(host)
    const asked = requireFreeForwards(stackOf([`${taken()}:80`], undefined), portOwner)
    await expect(asked).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      details: [`localhost:${taken()} of web: nginx (pid 4121)`, 'Nothing was changed.'],
    })
    await expect(requireFreeForwards(stackOf([], taken()), portOwner)).rejects.toThrow('forwards are taken')
  },
)

test('so is one that a program of this machine is to listen on', async () => {
  await listenOn('127.0.0.1')
  const stack = { ...stackOf([], undefined), locals: { vite: { ports: [taken()] } } } as unknown as LoadedConfig
  await expect(requireFreeForwards(stack, portOwner)).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    message: 'Ports that devk forwards or starts programs on are taken',
    details: [`localhost:${taken()} of vite: nginx (pid 4121)`, 'Nothing was changed.'],
  })
})

test('free ports are fine, and the port inside the pod is not asked for', async () => {
  await listenOn('127.0.0.1')
  await requireFreeForwards(stackOf([`0:${taken()}`], undefined), portOwner)
})
