import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { NodeAgents } from '../../../src/agent/node-agents.ts'
import { type AgentStream, StreamFailure } from '../../../src/agent/stream.ts'
import { DevkError } from '../../../src/errors.ts'
import { connectFromNode, podConnect } from '../../../src/forward/connect.ts'

const { signal } = new AbortController()

/** Agents of which each stream is opened as `opened` says; `targets` notes what they lead to. */
function agents(opened: () => Promise<void>) {
  const targets: string[] = []
  const duplexes: PassThrough[] = []
  const fake: NodeAgents = {
    start() {},
    async open(mode, container, target) {
      targets.push(`${mode} ${container} ${target}`)
      const duplex = new PassThrough()
      duplexes.push(duplex)
      return { duplex, opened: opened() } as unknown as AgentStream
    },
    close() {},
  }
  return { fake, targets, duplexes }
}

const pod = { namespace: 'shop', name: 'web-1', ip: '10.0.0.1', nodeContainer: 'node' }
const api = (label: string[]) => async () => {
  label.push('api')
  return new PassThrough()
}
const never = () => new Promise<void>(() => {})
const refused = () => Promise.reject(new StreamFailure(111, 'connection refused'))

test('a pod on a local node is reached from its node', async () => {
  const { fake, targets, duplexes } = agents(async () => {})
  expect(await podConnect(fake, () => expect.unreachable())(pod, 80, signal)).toBe(duplexes[0])
  expect(targets).toEqual(['forward node 10.0.0.1 80'])
})

test.each([
  ['without an address', { ...pod, ip: undefined }],
  ['on a node elsewhere', { ...pod, nodeContainer: undefined }],
])('a pod %s is reached through the API server', async (_name, target) => {
  const used: string[] = []
  const { fake, targets } = agents(never)
  await podConnect(fake, api(used))(target, 80, signal)
  expect([used, targets]).toEqual([['api'], []])
})

test('what the node cannot reach is tried through the API server', async () => {
  const used: string[] = []
  await podConnect(agents(refused).fake, api(used))(pod, 80, signal)
  const open = () => Promise.reject(new DevkError('NODE_AGENT', 'no Go'))
  const without: NodeAgents = { start() {}, open, close() {} }
  await podConnect(without, api(used))(pod, 80, signal)
  expect(used).toEqual(['api', 'api'])
})

test('an address that refuses rejects with the reason', async () => {
  const connecting = connectFromNode(agents(refused).fake, 'node', '10.0.0.1 80', signal)
  await expect(connecting).rejects.toMatchObject({ code: 'NOT_READY', message: 'connection refused' })
})

test('an abort ends the wait, and the stream', async () => {
  const { fake, duplexes } = agents(never)
  const stop = new AbortController()
  const connecting = connectFromNode(fake, 'node', '10.0.0.1 80', stop.signal)
  setTimeout(() => stop.abort(new Error('enough')), 2)
  await expect(connecting).rejects.toThrow('enough')
  expect(duplexes[0]?.destroyed).toBe(true)
})

test('if the API server cannot connect either, the reason is the one of the node', async () => {
  const viaApi = () => Promise.reject(new Error('error forwarding port 80 to pod 0f3a, uid : exit status 1: socat ...'))
  await expect(podConnect(agents(refused).fake, viaApi)(pod, 80, signal)).rejects.toThrow(/^connection refused$/)
})
