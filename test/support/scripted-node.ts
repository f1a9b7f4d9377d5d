import { PassThrough } from 'node:stream'
import { expect } from 'vitest'
import { type AgentFrame, agentFrame, agentFrameCutter } from '../../src/agent/frames.ts'
import { type NodeAgents, nodeAgents } from '../../src/agent/node-agents.ts'
import type { Child } from '../../src/exec/runner.ts'

/** An agent whose frames the test writes, and devk's end of it. */
export interface ScriptedNode {
  readonly agents: NodeAgents
  /** What devk has sent. */
  readonly frames: readonly AgentFrame[]
  /** Numbers of the streams that devk has opened with this target. */
  opened(target: string): number[]
  /** The data of a stream. */
  data(stream: number): string
  send(type: string, stream: number, payload?: string): void
  /** The agent exits. The next one is another process with the same script. */
  exit(): void
}

/** Agents of one node that are ready and otherwise do only what the test sends. */
export function scriptedNode(): ScriptedNode {
  const frames: AgentFrame[] = []
  let stdout = new PassThrough()
  let exit = () => {}
  const spawn = (): Child => {
    const done = Promise.withResolvers<number | null>()
    const stdin = new PassThrough()
    const cut = agentFrameCutter()
    stdin.on('data', (chunk: Buffer) => frames.push(...cut(chunk)))
    stdout = new PassThrough()
    stdout.write(agentFrame('C', 0))
    exit = () => done.resolve(1)
    const ended = { done: done.promise, exited: done.promise }
    return { pid: 1, stdin, stdout, stderr: new PassThrough(), ...ended, kill: () => done.resolve(null) }
  }
  const agents = nodeAgents({
    runner: { spawn, run: () => expect.unreachable() },
    binary: async () => ({ sha256: '0'.repeat(64), read: async () => Buffer.alloc(0) }),
    onUnusable: (error) => {
      throw error
    },
  })
  return {
    agents,
    frames,
    opened: (target) =>
      frames.flatMap(({ type, stream, payload }) => (type === 'O' && String(payload) === target ? [stream] : [])),
    data: (stream) =>
      Buffer.concat(
        frames.flatMap((frame) => (frame.type === 'D' && frame.stream === stream ? [frame.payload] : [])),
      ).toString(),
    send: (type, stream, payload = '') => void stdout.write(agentFrame(type, stream, Buffer.from(payload, 'latin1'))),
    exit: () => exit(),
  }
}
