import { setTimeout as sleep } from 'node:timers/promises'
import type { Kube } from '../../kube/api.ts'
import { statusOf } from '../../kube/client/errors.ts'
import { readSilentNodes } from '../../kube/freshness.ts'

/** What is known about the cluster at one moment. */
export interface Health {
  /** Whether the API server answers. */
  readonly answers: boolean
  /** Names of all nodes; those of the last answer when there is none. */
  readonly nodes: ReadonlySet<string>
  /** Names of the nodes that do not report any more. */
  readonly silent: ReadonlySet<string>
}

/** What changed between two moments, in lines for the user. Pure. */
export function healthLines(before: Health, now: Health): string[] {
  if (!now.answers) return before.answers ? ['the cluster does not answer; what is shown may be old'] : []
  const removed = [...before.nodes].filter((name) => !now.nodes.has(name))
  const silenced = [...now.silent].filter((name) => !before.silent.has(name))
  const back = [...before.silent].filter((name) => now.nodes.has(name) && !now.silent.has(name))
  return [
    ...(before.answers ? [] : ['the cluster answers again']),
    ...removed.map((name) => `node ${name} was removed; its pods are gone. devk up puts the cluster in order`),
    ...silenced.map((name) => `node ${name} has stopped to report; what is shown of its pods may be old`),
    ...back.map((name) => `node ${name} reports again`),
  ]
}

/** The cluster to watch, and where to report. */
export interface HealthOptions {
  readonly kube: Pick<Kube, 'list'>
  say(text: string): void
  readonly signal: AbortSignal
  readonly intervalMs?: number
  /** How long an answer may take. */
  readonly patienceMs?: number
}

/** Reports when nodes or the whole cluster stop answering, and when they answer again. Never rejects. */
export async function watchHealth(options: HealthOptions): Promise<void> {
  const { kube, say, signal, intervalMs = 3000, patienceMs = 8000 } = options
  let health: Health = { answers: true, nodes: new Set(), silent: new Set() }
  while (!signal.aborted) {
    const now = await readHealth(kube, health, AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]))
    if (signal.aborted) return
    for (const line of healthLines(health, now)) say(line)
    health = now
    await sleep(intervalMs, undefined, { signal }).catch(() => {})
  }
}

async function readHealth(kube: Pick<Kube, 'list'>, last: Health, signal: AbortSignal): Promise<Health> {
  try {
    const [nodes, silent] = await Promise.all([
      kube.list({ apiVersion: 'v1', kind: 'Node' }, { signal }),
      readSilentNodes(kube, signal),
    ])
    const names = nodes.map(({ metadata }) => metadata.name)
    return { answers: true, nodes: new Set(names), silent: new Set(silent.map(({ name }) => name)) }
  } catch (error) {
    // Without the permission to list nodes, devk cannot know their state.
    return statusOf(error) === undefined ? { ...last, answers: false } : last
  }
}
