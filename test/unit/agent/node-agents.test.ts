import { createHash } from 'node:crypto'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { AgentBinary } from '../../../src/agent/binary.ts'
import { agentFrame } from '../../../src/agent/frames.ts'
import { nodeAgents } from '../../../src/agent/node-agents.ts'
import { DevkError } from '../../../src/errors.ts'
import type { Child, Runner } from '../../../src/exec/runner.ts'

const { signal } = new AbortController()
const content = Buffer.from('the program')
const sha256 = createHash('sha256').update(content).digest('hex')
const program: AgentBinary = { sha256, read: async () => content }
const path = `/opt/devk/agent-${sha256.slice(0, 16)}`

/** What a start does: the agent is ready, nothing happens, or docker exec ends with a code and words. */
type Start = 'ready' | 'hangs' | { readonly exitCode: number; readonly words: string }

/** An engine that answers starts in turn, and notes what is run. */
function engine(starts: readonly Start[], delivery = { exitCode: 0, stdout: '', stderr: '' }) {
  const left = [...starts]
  const started: string[] = []
  const delivered: { args: readonly string[]; input: unknown }[] = []
  const children: { kill(exitCode: number | null): void }[] = []
  const runner: Runner = {
    async run(command, args, options) {
      expect(command).toBe('docker')
      delivered.push({ args, input: options?.input })
      return delivery
    },
    spawn(command, args, options) {
      const next = left.shift()
      if (command !== 'docker' || next === undefined) throw new Error(`not expected: ${command} ${args.join(' ')}`)
      started.push(args.join(' '))
      const done = Promise.withResolvers<number | null>()
      const [stdout, stderr] = [new PassThrough(), new PassThrough()]
      if (next === 'ready') stdout.write(agentFrame('C', 0))
      else if (next !== 'hangs') {
        stderr.write(next.words)
        setTimeout(() => done.resolve(next.exitCode), 1)
      }
      children.push({ kill: done.resolve })
      options?.signal?.addEventListener('abort', () => done.resolve(null))
      const child: Child = {
        pid: 1,
        stdin: new PassThrough(),
        stdout,
        stderr,
        done: done.promise,
        exited: done.promise,
        kill: () => done.resolve(null),
      }
      return child
    },
  }
  const unusable: string[] = []
  const agents = nodeAgents({
    runner,
    binary: async () => program,
    onUnusable: ({ message }) => unusable.push(message),
    startMs: 50,
  })
  return { agents, started, delivered, children, unusable }
}

const missing: Start = { exitCode: 126, words: 'no such file or directory' }
const start = (mode: string, node = 'node') => `exec -i ${node} ${path} ${mode}`

test('streams of one mode and node share an agent, others have their own', async () => {
  const { agents, started } = engine(['ready', 'ready', 'ready'])
  await Promise.all(['a', 'b'].map((target) => agents.open('sync', 'node', target, signal)))
  await agents.open('forward', 'node', '10.0.0.1 80', signal)
  await agents.open('sync', 'other', 'c', signal)
  expect(started).toEqual([start('sync'), start('forward'), start('sync', 'other')])
})

test('an agent that was started before is there for the first stream, and a start that fails is reported', async () => {
  const { agents, started, unusable } = engine(['ready', { exitCode: 1, words: 'no' }])
  agents.start('sync', 'node')
  await expect.poll(() => started).toEqual([start('sync')])
  await agents.open('sync', 'node', 'a', signal)
  agents.start('sync', 'node')
  expect(started).toHaveLength(1)
  agents.start('sync', 'other')
  await expect.poll(() => unusable).toEqual(['The agent does not run on node other'])
})

test('the program is copied to a node that does not have it', async () => {
  const { agents, started, delivered } = engine([missing, 'ready'])
  await agents.open('sync', 'node', 'a', signal)
  expect(started).toEqual([start('sync'), start('sync')])
  expect(delivered).toHaveLength(1)
  expect(delivered[0]?.input).toBe(content)
  expect(delivered[0]?.args.slice(0, 4)).toEqual(['exec', '-i', 'node', 'sh'])
  expect(delivered[0]?.args.slice(-3)).toEqual(['/opt/devk', path.slice('/opt/devk/'.length), sha256])
})

test('an agent that has ended is started again', async () => {
  const { agents, started, children } = engine(['ready', 'ready'])
  const { duplex } = await agents.open('sync', 'node', 'a', signal)
  const broken = new Promise((resolve) => duplex.once('error', resolve))
  children[0]?.kill(137)
  await broken
  await agents.open('sync', 'node', 'b', signal)
  expect(started).toHaveLength(2)
})

test('where the agent cannot run it says so once, and is not started for each stream', async () => {
  const { agents, started, unusable } = engine([{ exitCode: 1, words: 'openat2: function not implemented' }])
  for (let i = 0; i < 3; i++) {
    const opening = agents.open('sync', 'node', 'a', signal)
    await expect(opening).rejects.toMatchObject({
      code: 'NODE_AGENT',
      details: ['openat2: function not implemented'],
    })
  }
  expect(started).toHaveLength(1)
  expect(unusable).toEqual(['The agent does not run on node node'])
})

test('a program that cannot be executed even when it was copied', async () => {
  const { agents } = engine([missing, { exitCode: 126, words: 'exec format error' }])
  await expect(agents.open('sync', 'node', 'a', signal)).rejects.toMatchObject({
    code: 'NODE_AGENT',
    details: ['exec format error'],
  })
})

test('a copy that fails', async () => {
  const { agents } = engine([missing], {
    exitCode: 1,
    stdout: '',
    stderr: 'sh: 5: cannot create: No space left on device\n',
  })
  await expect(agents.open('sync', 'node', 'a', signal)).rejects.toMatchObject({
    code: 'NODE_AGENT',
    details: ['sh: 5: cannot create: No space left on device'],
  })
})

test('without a program nothing is started, and the reason is reported once for all nodes', async () => {
  const reason = new DevkError('NODE_AGENT', 'no Go')
  const unusable: string[] = []
  const runner = { run: () => Promise.reject(reason), spawn: () => expect.unreachable() } as unknown as Runner
  const agents = nodeAgents({
    runner,
    binary: () => Promise.reject(reason),
    onUnusable: ({ message }) => unusable.push(message),
    startMs: 50,
  })
  for (const node of ['one', 'two']) await expect(agents.open('sync', node, 'a', signal)).rejects.toBe(reason)
  expect(unusable).toEqual(['no Go'])
})

test('who gives up waiting does not end the start for the others', async () => {
  const { agents, started } = engine(['ready'])
  const stop = new AbortController()
  const first = agents.open('sync', 'node', 'a', stop.signal)
  stop.abort(new Error('enough'))
  await expect(first).rejects.toThrow('enough')
  await agents.open('sync', 'node', 'b', signal)
  expect(started).toHaveLength(1)
})

test('closing ends the agents and their streams, and no other is started', async () => {
  const { agents } = engine(['ready'])
  const { duplex } = await agents.open('sync', 'node', 'a', signal)
  const broken = new Promise((resolve) => duplex.once('error', resolve))
  agents.close()
  await broken
  await expect(agents.open('sync', 'node', 'b', signal)).rejects.toThrow('closed')
})

test('an agent whose start hangs is given up, so that another way is tried', async () => {
  const { agents, unusable } = engine(['hangs'])
  await expect(agents.open('sync', 'node', 'a', signal)).rejects.toMatchObject({
    code: 'NODE_AGENT',
    details: ['It did not start in time'],
  })
  expect(unusable).toEqual(['The agent does not run on node node'])
})
