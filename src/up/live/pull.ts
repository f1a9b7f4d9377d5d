import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LoadedConfig } from '../../config/schema.ts'
import { type PullRule, pull, pullRule, type Seen } from '../../copy/pull.ts'
import type { PodStreams } from '../../kube/api.ts'
import { messageOf } from '../../lib/text.ts'
import type { SessionEvent } from '../../loop/events.ts'
import type { PodTracker } from '../../loop/pods.ts'

/** How often devk looks for newer files in a container (ms), and how long a look may take. */
const intervalMs = 2000
const limitMs = 60_000

/** What brings files back needs. */
export interface PullingDeps {
  readonly services: () => LoadedConfig['services']
  readonly pods: Pick<PodTracker, 'running'>
  readonly streams: Pick<PodStreams, 'exec'>
  /** Whether the loop is paused: nothing of the tree may change then, as during a rebase. */
  readonly isPaused: () => boolean
  readonly report: (event: SessionEvent) => void
  /** Default: 2 s. */
  readonly intervalMs?: number
}

/** What was brought back. */
export interface Pulling {
  /** Whether a file of this machine is as it was brought back. */
  isPulled(path: string): boolean
  /** Resolves after the signal. Never rejects. */
  readonly done: Promise<void>
}

/** Brings back the files of `pull` from the newest running container of each service, until the signal. */
export function pulling(deps: PullingDeps, signal: AbortSignal): Pulling {
  const written = new Map<string, number>()
  const onWrite = (path: string, mtimeMs: number) => void written.set(path, mtimeMs)
  const seen = new Map<string, Map<string, Seen>>()
  const told = new Set<string>()

  const look = async (service: string, rules: readonly PullRule[]) => {
    const target = rules.length > 0 ? deps.pods.running(service).at(-1) : undefined
    if (target === undefined) return
    const own = seen.get(target.containerId) ?? new Map<string, Seen>()
    seen.set(target.containerId, own)
    const limited = AbortSignal.any([signal, AbortSignal.timeout(limitMs)])
    try {
      for (const rule of rules) {
        const found = await pull(rule, { streams: deps.streams, target, seen: own, onWrite }, limited)
        const files = found.map((path) => join(rule.from, path))
        if (files.length > 0) deps.report({ type: 'pulled', service, pod: target.pod.name, files })
      }
    } catch (error) {
      // A container that ends is replaced, and its successor is looked at.
      const isThere = deps.pods.running(service).some(({ containerId }) => containerId === target.containerId)
      const message = `${service}: files could not be brought back: ${messageOf(error)}`
      if (signal.aborted || !isThere || told.has(message)) return
      told.add(message)
      deps.report({ type: 'warning', warning: { message, hint: 'devk tries again.' } })
    }
  }
  const run = async () => {
    while (!signal.aborted) {
      if (!deps.isPaused()) {
        await Promise.all(Object.entries(deps.services()).map(([name, { sync }]) => look(name, rulesOf(sync))))
      }
      await sleep(deps.intervalMs ?? intervalMs, undefined, { signal }).catch(() => {})
    }
  }
  return {
    isPulled: (path) => written.has(path) && statSync(path, { throwIfNoEntry: false })?.mtimeMs === written.get(path),
    done: run(),
  }
}

function rulesOf(sync: LoadedConfig['services'][string]['sync']): PullRule[] {
  return sync.flatMap(({ from, to, pull: patterns, exclude }) =>
    patterns.length === 0 ? [] : [pullRule(from, to, patterns, exclude)],
  )
}
