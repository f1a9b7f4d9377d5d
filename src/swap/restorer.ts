import { setTimeout as sleep } from 'node:timers/promises'
import type { NodeAgents } from '../agent/node-agents.ts'
import { openStream } from '../forward/connect.ts'
import { closed } from '../lib/streams/closed.ts'
import { abortable } from '../lib/wait.ts'

/** The pause before a lost agent is started again (ms). */
const pauseMs = 1000
/** How long the agent may take to confirm that it has nothing to do (ms). */
const confirmMs = 1000

/** A Service that an agent has to lead back when devk is gone. */
export interface RestorerOptions {
  readonly agents: Pick<NodeAgents, 'open'>
  /** The container of a node of the control plane. */
  readonly plane: string
  /** The command of kubectl on that node. */
  readonly kubectl: readonly string[]
  readonly service: { readonly namespace: string; readonly name: string }
  readonly session: string
}

/** The agent that leads a Service back when devk is gone, also after a kill -9. */
export interface Restorer {
  /** devk has led the Service back itself. Never rejects. */
  disarm(): Promise<void>
}

/**
 * Starts the agent, and again when its node has restarted, until the signal. It acts when its stream ends without
 * `disarm`. Throws NODE_AGENT if it cannot run, NOT_READY, and the reason of the signal.
 */
export async function startRestorer(options: RestorerOptions, signal: AbortSignal): Promise<Restorer> {
  const { agents, plane, kubectl, service, session } = options
  const target = JSON.stringify({ kubectl, ...service, session })
  const open = async () => {
    const stream = await openStream(agents, { mode: 'restore', nodeContainer: plane, target }, signal)
    // It closes only when what it sends is read.
    return stream.resume()
  }
  let current = await open()
  let isOver = false
  const keep = async () => {
    for (;;) {
      await closed(current)
      if (isOver || signal.aborted) return
      await sleep(pauseMs, undefined, { signal }).catch(() => {})
      // Until another one is open, the old one stays closed.
      if (!isOver && !signal.aborted) current = await open().catch(() => current)
    }
  }
  void keep()
  return {
    async disarm() {
      isOver = true
      current.end()
      await abortable(closed(current), AbortSignal.timeout(confirmMs)).catch(() => {})
    },
  }
}
