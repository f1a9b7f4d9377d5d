import { setTimeout as sleep } from 'node:timers/promises'
import type { Pod } from '../kube/pod.ts'
import { messageOf } from '../lib/text.ts'
import type { Debugger } from './debugger.ts'
import type { RunProgram } from './in-container.ts'
import { debugpyContainer } from './python.ts'

const lookMs = 300

/** Brings the debugger to each new pod of a session. */
export interface Feeder {
  /** Safe to repeat. */
  start(): void
  /** What failed, in sentences. */
  problems(): readonly string[]
}

interface FeederDeps {
  readonly debug: Debugger
  readonly run: RunProgram
  readonly pods: (signal: AbortSignal) => Promise<Pod[]>
  readonly container: string
}

/**
 * Looks for pods whose init container waits for the debugger, until the signal. Each gets it once, and again after a
 * failure.
 */
export function feeder({ debug, run, pods, container }: FeederDeps, signal: AbortSignal): Feeder {
  const done = new Set<string>()
  const failed = new Map<string, string>()
  let running = false
  const feedAll = async () => {
    for (const { metadata, status } of await pods(signal)) {
      const { name, namespace = 'default', uid = name } = metadata
      const waits = status?.initContainerStatuses?.some((each) => each.name === debugpyContainer && each.state?.running)
      if (waits !== true || done.has(uid)) continue
      try {
        await debug.feed?.(run, { pod: { name, namespace }, container }, signal)
        done.add(uid)
        failed.delete(uid)
      } catch (error) {
        failed.set(uid, `Pod ${name}: ${messageOf(error)}`)
      }
    }
  }
  const loop = async () => {
    while (!signal.aborted) {
      // The cluster may not answer for a moment. The wait for ready pods reports what stays.
      await feedAll().catch(() => {})
      await sleep(lookMs, undefined, { signal }).catch(() => {})
    }
  }
  return {
    start() {
      if (!running) void loop()
      running = true
    },
    problems: () => [...failed.values()],
  }
}
