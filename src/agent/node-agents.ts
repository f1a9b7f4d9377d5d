import { DevkError } from '../errors.ts'
import type { Runner } from '../exec/runner.ts'
import { abortable } from '../lib/wait.ts'
import type { AgentBinary } from './binary.ts'
import { agentPath, deliverAgent } from './deliver.ts'
import type { AgentStream } from './stream.ts'
import { type AgentStreams, agentStreams } from './streams.ts'

/**
 * What an agent does: `sync` changes files in containers, `forward` opens TCP connections, `reverse` accepts those of
 * pods to this machine, `swap` those to swapped Services, and `restore` leads such a Service back when devk is gone.
 * Each is a process of its own.
 */
export type AgentMode = 'sync' | 'forward' | 'reverse' | 'swap' | 'restore'

/** After an agent could not be started, calls fail for this long before devk tries again. */
const pauseMs = 10_000

/** How long an agent may take to be ready (ms). An engine or a node that stands still does not end docker exec. */
const startMs = 20_000

/** Exit codes of docker exec if the program does not exist on the node or cannot be executed. */
const notExecuted: readonly (number | null)[] = [126, 127]

/** The agents on nodes that are containers of the local engine. */
export interface NodeAgents {
  /** Starts the agent in a node's container, so that the first `open` need not wait for that. */
  start(mode: AgentMode, container: string): void
  /**
   * Opens a stream to the agent in a node's container. The first call starts the agent, and so does a call after it has
   * exited. Throws NODE_AGENT if it cannot run there, and the reason of the signal.
   */
  open(mode: AgentMode, container: string, target: string, signal: AbortSignal): Promise<AgentStream>
  /** Stops all agents and closes all streams. */
  close(): void
}

/** What starting agents requires. */
export interface NodeAgentsOptions {
  readonly runner: Runner
  /** Finds the program for the architecture of the engine. Rejects with NODE_AGENT if there is none. */
  readonly binary: () => Promise<AgentBinary>
  /** Called once for each reason why an agent cannot run. */
  readonly onUnusable: (error: DevkError) => void
  /** Default: 20 s. */
  readonly startMs?: number
}

/** Keeps one running agent for each mode and node. */
export function nodeAgents({ runner, binary, onUnusable, ...options }: NodeAgentsOptions): NodeAgents {
  const agents = new Map<string, Promise<AgentStreams>>()
  const reported = new Set<string>()
  const closed = new AbortController()
  const { signal } = closed

  const spawn = async (program: AgentBinary, mode: AgentMode, container: string) => {
    const args = ['exec', '-i', container, agentPath(program), mode]
    const agent = agentStreams(runner.spawn('docker', args, { signal }))
    const late = setTimeout(() => agent.close(), options.startMs ?? startMs)
    const end = await agent.ready
    clearTimeout(late)
    return { agent, end }
  }
  const start = async (mode: AgentMode, container: string): Promise<AgentStreams> => {
    const program = await binary()
    signal.throwIfAborted()
    let started = await spawn(program, mode, container)
    if (started.end !== undefined && notExecuted.includes(started.end.exitCode)) {
      await deliverAgent(runner, container, program, signal)
      started = await spawn(program, mode, container)
    }
    signal.throwIfAborted()
    if (started.end === undefined) return started.agent
    const { exitCode } = started.end
    throw new DevkError('NODE_AGENT', `The agent does not run on node ${container}`, {
      details: [started.end.lastWords || (exitCode === null ? 'It did not start in time' : `exit code ${exitCode}`)],
    })
  }

  /** Concurrent callers share one start. */
  const agentOf = (mode: AgentMode, container: string): Promise<AgentStreams> => {
    const key = `${mode} ${container}`
    const before = agents.get(key)
    const agent = before
      ? before.then((known) => (known.ended ? start(mode, container) : known))
      : start(mode, container)
    agents.set(key, agent)
    agent.catch((error: unknown) => {
      if (signal.aborted) return
      if (agents.get(key) === agent) setTimeout(() => agents.delete(key), pauseMs).unref()
      if (!(error instanceof DevkError) || reported.has(error.message)) return
      reported.add(error.message)
      onUnusable(error)
    })
    return agent
  }

  return {
    start: (mode, container) => void agentOf(mode, container),
    async open(mode, container, target, either) {
      return (await abortable(agentOf(mode, container), either)).open(target)
    },
    close: () => closed.abort(new Error('the agents were closed')),
  }
}
