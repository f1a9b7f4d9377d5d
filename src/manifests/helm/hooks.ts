import type { KubeObject } from '../../kube/api.ts'

/** A moment of `helm install` or `helm upgrade` at which hooks run. */
export type HookEvent = 'pre-install' | 'post-install' | 'pre-upgrade' | 'post-upgrade'

/** When Helm deletes the object of a hook. */
export type HookDeletion = 'before-hook-creation' | 'hook-succeeded' | 'hook-failed'

/** What the annotations `helm.sh/hook…` say about an object of a chart. */
export interface Hook {
  readonly events: readonly HookEvent[]
  /** Hooks of one event run in the order of their weights. */
  readonly weight: number
  readonly deletion: readonly HookDeletion[]
}

const events: ReadonlySet<string> = new Set(['pre-install', 'post-install', 'pre-upgrade', 'post-upgrade'])
const deletions: ReadonlySet<string> = new Set(['before-hook-creation', 'hook-succeeded', 'hook-failed'])

/**
 * The hook that an object of a chart is; undefined if it is an ordinary object. A hook for other moments only (delete,
 * rollback, test) has no events: bringing a release up never applies it. Pure.
 */
export function hookOf({ metadata }: KubeObject): Hook | undefined {
  const annotations = metadata.annotations ?? {}
  const moments = words(annotations['helm.sh/hook'])
  if (moments.length === 0) return undefined
  const deletion = words(annotations['helm.sh/hook-delete-policy']).filter(isDeletion)
  const weight = Number.parseInt(String(annotations['helm.sh/hook-weight'] ?? '0'), 10)
  return {
    events: moments.filter(isEvent),
    // Helm reads a weight that is not a number as 0.
    weight: Number.isNaN(weight) ? 0 : weight,
    deletion: deletion.length === 0 ? ['before-hook-creation'] : deletion,
  }
}

/** The items of a list such as `pre-install, Post-Install`, as Helm reads it. */
function words(list: unknown): string[] {
  return String(list ?? '')
    .split(',')
    .map((item) => item.trim().toLowerCase())
    .filter((item) => item !== '')
}

function isEvent(word: string): word is HookEvent {
  return events.has(word)
}

function isDeletion(word: string): word is HookDeletion {
  return deletions.has(word)
}
