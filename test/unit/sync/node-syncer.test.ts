import { Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import type { NodeAgents } from '../../../src/agent/node-agents.ts'
import { nodeSyncer } from '../../../src/sync/node-syncer.ts'
import type { SyncFile, SyncTarget } from '../../../src/sync/syncer.ts'

const target: SyncTarget = {
  service: 'api',
  pod: { namespace: 'n', name: 'api-1' },
  container: 'main',
  containerId: 'c1',
  node: 'node',
}
const files: SyncFile[] = [{ kind: 'delete', to: '/app/a', directory: false }]

test('after a batch that hangs in the container, the next one is sent', { timeout: 20_000 }, async () => {
  const opened: Duplex[] = []
  const agents = {
    async open() {
      const hangs = opened.length === 0
      const duplex = new Duplex({
        read() {},
        write: (_chunk, _encoding, done) => done(),
        final(done) {
          // The agent answers a batch without failures with no bytes.
          if (!hangs) duplex.push(null)
          done()
        },
      })
      opened.push(duplex)
      return { duplex }
    },
  } as unknown as NodeAgents
  const syncer = nodeSyncer(agents, (node) => node)
  const late = new AbortController()
  const first = syncer.send(target, files, late.signal)
  const second = syncer.send(target, files, new AbortController().signal)
  await expect.poll(() => opened).toHaveLength(1)
  late.abort(new Error('too late'))
  await expect(first).rejects.toThrow('too late')
  const sent = await second
  expect(sent).toMatchObject({ files: 1 })
  // All was sent before the answer came.
  expect(sent).toHaveProperty('sentMs', expect.any(Number))
  if (sent !== 'gone') expect(sent.sentMs).toBeLessThanOrEqual(sent.ms)
  expect(opened[0]?.destroyed).toBe(true)
})

test('an agent that exits during both attempts is an error of the agent, after which another way is tried', async () => {
  let attempts = 0
  const agents = {
    async open() {
      attempts += 1
      const duplex = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
      setImmediate(() => duplex.destroy(new Error('the agent exited')))
      return { duplex }
    },
  } as unknown as NodeAgents
  const sending = nodeSyncer(agents, (node) => node).send(target, files, new AbortController().signal)
  await expect(sending).rejects.toMatchObject({ code: 'NODE_AGENT' })
  expect(attempts).toBe(2)
})

test.each([
  [30, 'Its root is read-only'],
  [13, 'The user of the container may not write there'],
])('an error %i of a file says what to do', async (errno, hint) => {
  const numbers = Buffer.alloc(12)
  numbers.writeUInt32BE(errno, 4)
  const agents = {
    async open() {
      const duplex = new Duplex({
        read() {},
        write: (_chunk, _encoding, done) => done(),
        final(done) {
          duplex.push(numbers)
          duplex.push(null)
          done()
        },
      })
      return { duplex }
    },
  } as unknown as NodeAgents
  const sending = nodeSyncer(agents, (node) => node).send(target, files, new AbortController().signal)
  await expect(sending).rejects.toMatchObject({ code: 'SYNC_FAILED', hint: expect.stringContaining(hint) })
})
