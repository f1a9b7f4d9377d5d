import { expect, test } from 'vitest'
import type { Registry } from '../../../src/images/registry/registry.ts'
import { renewal } from '../../../src/platform/image-route.ts'

const registry = (port: number): Registry => ({
  container: 'devk-registry',
  port,
  host: `localhost:${port}`,
  nodeUrl: 'http://devk-registry:5000',
  login: undefined,
})
const { signal } = new AbortController()

test('a registry that is made again is connected to the nodes', async () => {
  const connected: string[] = []
  const renew = renewal(
    registry(5001),
    async () => registry(5001),
    async ({ host }) => void connected.push(host),
  )
  await renew(signal)
  expect(connected).toEqual(['localhost:5001'])
})

test('a registry that got another port is refused: the names of the images contain the port', async () => {
  const renew = renewal(
    registry(5001),
    async () => registry(5002),
    async () => expect.fail('connected'),
  )
  await expect(renew(signal)).rejects.toThrow('The registry is at localhost:5002 now, and was at localhost:5001')
})
