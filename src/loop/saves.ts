import type { SavedFile } from '../sync/pending-tree.ts'
import type { SyncFile } from '../sync/syncer.ts'
import type { Change, Saved } from '../watch/changes.ts'
import type { LoopControl } from './control.ts'
import { decide, servicesOf, type WatchedSources } from './decide.ts'
import type { SessionEvent } from './events.ts'
import { type Batch, heldSaves, type Part, partsOf } from './hold.ts'
import { type BatchTimes, type MarkedSave, marked, seenSave } from './save-time.ts'
import type { ServiceLoop } from './service-loop.ts'

/** What the saves act on. */
export interface SessionSavesDeps {
  sources(): WatchedSources
  readonly loops: ReadonlyMap<string, ServiceLoop>
  /** Other files may matter now. */
  watchAgain(): void
  /** Applies all objects again. Without a reason, for the last one. */
  redeploy(reason: string | undefined, save: MarkedSave): void
  redeployFailed(): boolean
  readonly report: (event: SessionEvent) => void
}

/** Leads the saves of a session to the loops of its services. */
export interface SessionSaves {
  onBatch(changes: readonly Change[], saved: readonly Saved[], times: BatchTimes): void
  /** Sends what waits and need not wait any more. */
  release(): void
  /** Whether saves of a service wait. */
  waits(service: string): boolean
  readonly control: LoopControl
}

/** Creates the saves of a session. Those of services with `trigger: manual` wait, and in a pause all do. */
export function sessionSaves(deps: SessionSavesDeps): SessionSaves {
  const { sources, loops, report } = deps
  const held = heldSaves()
  let paused = false
  let count = 0
  const nextSave = (times: BatchTimes) => {
    count += 1
    return seenSave(count, times)
  }
  const isManual = (part: Part) => sources().services.some(({ name, manual }) => manual === true && name === part)
  const mustWait = (part: Part) => paused || isManual(part)

  const act = ({ changes, saved }: Batch, seen: MarkedSave, passes: (part: Part) => boolean) => {
    const decision = decide(changes, sources())
    const save = marked(seen, 'planned', performance.now())
    const again = savedFiles(saved, sources())
    const actions = decision.services.filter(({ service }) => passes(service))
    for (const action of actions) loops.get(action.service)?.act(action, again.get(action.service), save)
    // To save again is to try again.
    const acting = new Set(actions.map(({ service }) => service))
    const touched = new Set(saved.flatMap(({ path }) => servicesOf(path, sources().services)))
    for (const name of touched) {
      if (passes(name) && !acting.has(name)) loops.get(name)?.retry(again.get(name) ?? [], save)
    }
    const ignoreChanged = decision.services.some((action) => action.action === 'rebuild' && action.ignoreChanged)
    if (ignoreChanged) deps.watchAgain()
    // A rebuild applies one service only, so a redeploy that failed is tried again with the next save of any service.
    const retries = deps.redeployFailed() && (actions.length > 0 || saved.length > 0)
    const reason = passes(null) ? decision.redeploy : undefined
    if (reason !== undefined || (retries && !paused)) deps.redeploy(reason, save)
  }

  const onBatch: SessionSaves['onBatch'] = (changes, saved, times) => {
    for (const [part, batch] of partsOf({ changes, saved }, sources(), mustWait)) {
      const again = held.hold(part, batch)
      report({ type: 'held', service: part ?? undefined, paused, again, waiting: held.waiting() })
    }
    act({ changes, saved }, nextSave(times), (part) => !mustWait(part))
  }
  /** Acts on what waits of these parts, as one save. The whole stack comes last: it leaves out what is built. */
  const send = (parts: readonly Part[]) => {
    const now = performance.now()
    const save = nextSave({ seen: now, settled: now })
    for (const part of [...parts].sort((a, b) => Number(a === null) - Number(b === null))) {
      const batch = held.take(part)
      if (batch !== undefined) act(batch, save, (other) => other === part)
    }
  }
  const free = () => held.waiting().flatMap(({ service }) => (mustWait(service) ? [] : [service]))
  const release = () => {
    const parts = free()
    if (parts.length > 0) send(parts)
  }
  const control: LoopControl = {
    rebuild(service) {
      control.trigger(service)
      const loop = loops.get(service)
      loop?.act({ service, action: 'rebuild', reason: 'you asked for it', ignoreChanged: false, files: [] })
      return loop !== undefined
    },
    trigger(service) {
      if (!loops.has(service)) return 'unknown'
      if (!held.has(service)) return 'nothing'
      const waiting = held.waiting().filter((each) => each.service !== service)
      report({ type: 'triggered', service, count: held.files([service]), waiting })
      send([service])
      return 'sent'
    },
    pause() {
      if (!paused) report({ type: 'paused' })
      paused = true
    },
    resume() {
      if (!paused) return
      paused = false
      const waiting = held.waiting().filter(({ service }) => mustWait(service))
      report({ type: 'resumed', count: held.files(free()), waiting })
      release()
    },
    isPaused: () => paused,
  }
  return { onBatch, release, waits: (service) => held.has(service), control }
}

/** The files that sync rules cover of those that were saved without a change, by service. */
function savedFiles(saved: readonly Saved[], sources: WatchedSources): Map<string, SavedFile[]> {
  const times = new Map(saved.map((each) => [each.path, each]))
  const { services } = decide(
    saved.map(({ path }) => ({ path, kind: 'changed' })),
    sources,
  )
  const withTimes = (file: SyncFile): SavedFile[] => {
    const { before, after } = (file.kind === 'write' && times.get(file.from)) || {}
    return before === undefined || after === undefined ? [] : [{ file, before, after }]
  }
  return new Map(services.map(({ service, files }) => [service, files.flatMap(withTimes)]))
}
