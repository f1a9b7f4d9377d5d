import type { NodeAgents } from '../../agent/node-agents.ts'
import { connectLoopback } from '../../forward/loopback.ts'
import { reverse } from '../../forward/reverse.ts'
import { messageOf } from '../../lib/text.ts'
import { hostName } from '../../presets/corefile.ts'

/** How pods reach this machine, and where that is said. */
export interface FromPodsOptions {
  readonly agents: Pick<NodeAgents, 'open'>
  /** The nodes' containers; undefined for nodes that are not on the local engine. */
  readonly nodeContainers: Iterable<string | undefined>
  readonly report: (name: string, text: string) => void
}

/** Opens the ports of programs of this machine to pods. */
export interface FromPods {
  /** A program runs: pods can connect to its ports. Does nothing if they already can. */
  open(name: string, ports: readonly number[]): void
  /** A program has ended: its ports are closed, since another program may listen on them next. */
  close(name: string): void
}

/** Opens ports to pods until they are closed again, or until the signal. */
export function fromPods(options: FromPodsOptions, signal: AbortSignal): FromPods {
  const { agents, report } = options
  const nodeContainers = [...options.nodeContainers].filter((each) => each !== undefined)
  const opened = new Map<string, AbortController>()

  const openPort = (name: string, port: number, either: AbortSignal) => {
    const told = new Set<string>()
    const say = (text: string) => {
      if (told.has(text)) return
      told.add(text)
      report(name, text)
    }
    const listening = new Set<string>()
    for (const nodeContainer of nodeContainers) {
      const onListening = () => {
        listening.add(nodeContainer)
        if (listening.size === nodeContainers.length) say(`pods reach it at ${hostName}:${port}`)
      }
      const onFailed = (error: unknown) =>
        say(`pods on node ${nodeContainer} cannot reach it at ${hostName}:${port}: ${messageOf(error)}`)
      void reverse({ agents, nodeContainer, port, connect: connectLoopback, onListening, onFailed }, either)
    }
  }

  return {
    open(name, ports) {
      if (opened.has(name)) return
      const stop = new AbortController()
      opened.set(name, stop)
      for (const port of ports) openPort(name, port, AbortSignal.any([signal, stop.signal]))
    },
    close(name) {
      opened.get(name)?.abort()
      opened.delete(name)
    },
  }
}
