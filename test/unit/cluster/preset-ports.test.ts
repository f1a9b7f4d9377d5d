import { expect, test } from 'vitest'
import { presetPorts } from '../../../src/cluster/preset-ports.ts'

const wanted = [
  { node: 80, host: [80, 8080] },
  { node: 443, host: [443, 8443] },
]
const free = { configured: [], made: undefined, isTaken: async () => false }
const taken =
  (...ports: number[]) =>
  async (port: number) =>
    ports.includes(port)

test('the first port is used when it is free', async () => {
  expect(await presetPorts(wanted, free)).toEqual([
    { host: 80, node: 80, preset: true },
    { host: 443, node: 443, preset: true },
  ])
})

test('the next free port is used when the first is in use', async () => {
  const ports = await presetPorts(wanted, { ...free, isTaken: taken(80, 443, 8080, 8443, 8444) })
  expect(ports.map(({ host }) => host)).toEqual([8081, 8445])
})

test('ports that the configuration maps are not changed', async () => {
  const configured = [{ host: 9080, node: 80 }]
  expect(await presetPorts(wanted, { ...free, configured })).toEqual([{ host: 443, node: 443, preset: true }])
})

test('an existing cluster keeps its ports', async () => {
  const made = [
    { host: 30080, node: 30080 },
    { host: 8080, node: 80, preset: true as const },
  ]
  expect(await presetPorts(wanted, { ...free, made })).toEqual([{ host: 8080, node: 80, preset: true }])
  expect(await presetPorts(wanted, { ...free, made: [] })).toEqual([])
})
