import { type KubeObject, keyOf, refOf } from '../../kube/api.ts'
import { byCodeUnits } from '../../lib/order.ts'
import type { HookDeletion } from '../../manifests/helm/hooks.ts'
import { type ApplyDeps, applyAction, prune } from '../apply.ts'
import type { DesiredObject } from '../desired/configured.ts'
import { type Apply, deletionOf, type Plan } from '../plan.ts'
import type { Tracker } from '../ready/tracker.ts'
import { refusalOf } from '../refusal.ts'
import type { HookPhase } from './due.ts'

/** What runs the hooks of a plan. */
export interface HookRunner {
  /** Releases that have hooks in this phase. */
  releases(phase: HookPhase): Set<string>
  /**
   * Runs the hooks of a release one after the other, in the order of their weights. Throws COMMAND_FAILED for a hook
   * that failed.
   */
  run(release: string, phase: HookPhase): Promise<void>
  /** Deletes the objects of the hooks that have run, as their policies say. */
  cleanUp(signal: AbortSignal): Promise<void>
}

/** What a hook runner needs. */
export interface HookDeps {
  readonly applying: ApplyDeps
  readonly tracker: Pick<Tracker, 'applied' | 'untilReady'>
  /** Resolves when a hook can start: its image is available, and what it depends on is ready. */
  readonly ready: (hook: Apply) => Promise<void>
}

/** A runner of the due hooks of a plan. */
export function hookRunner(plan: Plan, { applying, tracker, ready }: HookDeps): HookRunner {
  const { kube } = applying
  const hooks = plan.actions.filter(
    (action): action is Apply => 'wanted' in action && action.wanted.phases !== undefined,
  )
  const ran = new Map<string, { readonly object: KubeObject; readonly entry: DesiredObject; ended: HookDeletion }>()

  const runOne = async (action: Apply) => {
    const { object } = action.wanted
    await ready(action)
    const existing = await kube.get(refOf(object), applying.signal)
    const once = object.kind === 'Job' || object.kind === 'Pod'
    const uid = existing?.metadata.uid
    const write: Apply =
      once && uid !== undefined
        ? { do: 'replace', wanted: action.wanted, uid, why: 'the hook runs again' }
        : action.do === 'replace'
          ? { do: 'update', wanted: action.wanted }
          : action
    const applied = await applyAction(write, applying).catch((error: unknown) => {
      throw refusalOf(action.wanted, error)
    })
    const state = { object: applied, entry: action.wanted, ended: 'hook-failed' as HookDeletion }
    ran.set(keyOf(object), state)
    tracker.applied(applied)
    if (once) await tracker.untilReady([keyOf(object)])
    state.ended = 'hook-succeeded'
  }

  return {
    releases: (phase) =>
      new Set(hooks.flatMap(({ wanted }) => (isIn(wanted, phase) ? (wanted.release?.name ?? []) : []))),
    async run(release, phase) {
      const due = hooks.filter(({ wanted }) => wanted.release?.name === release && isIn(wanted, phase))
      for (const action of due.sort(byWeight)) await runOne(action)
    },
    async cleanUp(signal) {
      const over = [...ran.values()].filter(({ entry, ended }) => entry.release?.hook?.deletion.includes(ended))
      await prune({ actions: over.map(({ object }) => deletionOf(object)).reverse() }, { ...applying, signal })
    },
  }
}

function isIn({ phases = [] }: DesiredObject, phase: HookPhase): boolean {
  return phases.includes(phase)
}

function byWeight({ wanted: a }: Apply, { wanted: b }: Apply): number {
  const difference = (a.release?.hook?.weight ?? 0) - (b.release?.hook?.weight ?? 0)
  return difference === 0 ? byCodeUnits(a.object.metadata.name, b.object.metadata.name) : difference
}
