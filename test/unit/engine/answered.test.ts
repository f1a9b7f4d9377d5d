import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { answered, NoAnswer } from '../../../src/engine/answered.ts'
import { engineClient } from '../../../src/engine/client.ts'

const patience = { quietMs: 20, pingMs: 50 }
const never = () => new Promise<never>(() => {})

test('a call that takes long is waited for while the engine answers', async () => {
  let pings = 0
  const ping = async () => {
    pings += 1
  }
  const slow = sleep(200).then(() => 'pulled')
  expect(await answered(slow, ping, patience)).toBe('pulled')
  expect(pings).toBeGreaterThan(1)
})

test('a call that ends during a ping leaves nothing that keeps devk running', async () => {
  const call = Promise.withResolvers<string>()
  const pong = Promise.withResolvers<void>()
  let pings = 0
  const ping = () => {
    pings += 1
    call.resolve('removed')
    return pong.promise
  }
  expect(await answered(call.promise, ping, patience)).toBe('removed')
  pong.resolve()
  await sleep(5 * patience.quietMs)
  expect(pings).toBe(1)
})

test('a call ends when the engine does not even answer a ping, and with the error of a ping that fails', async () => {
  const ping = (signal: AbortSignal) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
  await expect(answered(never(), ping, patience)).rejects.toThrow(NoAnswer)
  const refused = () => Promise.reject(new Error('ECONNREFUSED'))
  await expect(answered(never(), refused, patience)).rejects.toThrow('ECONNREFUSED')
})

test('an engine that accepts connections and answers nothing is unavailable, and its connections are closed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'devk-engine-'))
  const path = join(folder, 'engine.sock')
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket.resume())
    socket.on('close', () => open.delete(socket))
  }).listen(path)
  await once(server, 'listening')
  const client = engineClient({ DOCKER_HOST: `unix://${path}` }, patience)
  const { signal } = new AbortController()
  await expect(client.call(signal, (docker) => docker.info())).rejects.toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    message: expect.stringContaining('does not answer'),
  })
  await expect.poll(() => open.size).toBe(0)
  server.close()
  await rm(folder, { recursive: true })
})
