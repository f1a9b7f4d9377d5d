import type { LoopControl } from '../loop/control.ts'
import type { SessionEvent } from '../loop/events.ts'
import { type History, history } from '../ui/history.ts'
import { type Bell, bell } from '../ui/sse.ts'
import { failureOf } from './failure.ts'
import { savesAfter } from './saves.ts'
import type { LocalLine, PageAddress, SessionEntry, SessionState } from './state.ts'

/** What a session is about. */
export type SessionFacts = Pick<SessionState, 'project' | 'devk' | 'command' | 'pid' | 'background' | 'asked'>

/** Who ends a session: `devk stop`, or `devk down`, which removes the stack after it. */
export type EndedBy = 'stop' | 'down'

/** The state of a running `devk up` or `devk dev`, for all who look at it. */
export interface Session {
  state(): SessionState
  /** What happened, newest last; bounded. */
  readonly entries: History<SessionEntry>
  /** Rings at each change. */
  readonly rings: Bell
  /** What the programs of this machine wrote, newest last; bounded. */
  readonly lines: History<LocalLine>
  /** Rings at each of these lines, and at nothing else. */
  readonly lineRings: Bell
  /** Takes a line of a program of this machine. */
  line(line: LocalLine): void
  /** Takes an event of the loop, and the line that the terminal shows for it. */
  event(event: SessionEvent, text: string): void
  /** The stack comes up, is up, or could not be brought up because of `error`. */
  phase(phase: SessionState['phase'], error?: unknown): void
  /** The loop; undefined while nothing is watched. */
  control(): LoopControl | undefined
  /** Who takes care of saves, from now on. */
  onControl(control: LoopControl): void
  /** Ends this devk and leaves the stack running; undefined as long as that is not possible. */
  leave(): ((by: EndedBy) => void) | undefined
  /** What ends it, from now on. */
  onLeave(leave: (by: EndedBy) => void): void
  /** Serves the page as long as the session runs, or tells where it is; undefined if it serves none. */
  page(): (() => Promise<PageAddress>) | undefined
  /** What serves it, from now on. */
  onPage(page: () => Promise<PageAddress>): void
  /** Takes a line about what is no event of the loop, such as a cluster that does not answer. */
  note(service: string, text: string): void
  /** Everything that it stays for works, from now on. */
  serves(): void
}

/** Begins a session. `now` is wall clock, ms. */
export function session(facts: SessionFacts, now: () => number): Session {
  const time = () => new Date(now()).toISOString()
  const entries = history<SessionEntry>({ items: 1000, size: 1024 * 1024 })
  const rings = bell()
  const lines = history<LocalLine>(keptLines)
  const lineRings = bell()
  let state: SessionState = {
    ...facts,
    since: time(),
    phase: 'starting',
    failure: null,
    serves: false,
    locals: [],
    watched: [],
    ...calm,
    saves: [],
  }
  const add = (next: Partial<SessionState>, entry: Omit<SessionEntry, 'time'>) => {
    state = { ...state, ...next }
    entries.add({ time: time(), ...entry }, entry.text.length + 100)
    rings.ring()
  }
  let control: LoopControl | undefined
  let leaving: ((by: EndedBy) => void) | undefined
  let page: (() => Promise<PageAddress>) | undefined
  return {
    page: () => page,
    onPage(by) {
      page = by
    },
    leave: () => leaving,
    onLeave(leave) {
      leaving = leave
    },
    control: () => control,
    onControl(by) {
      control = by
    },
    note(service, text) {
      add({}, { service: service === 'devk' ? null : service, type: 'note', text: text.slice(0, 2000) })
    },
    serves() {
      state = { ...state, serves: true }
      rings.ring()
    },
    state: () => state,
    entries,
    rings,
    lines,
    lineRings,
    line(line) {
      lines.add(line, line.text.length + 100)
      lineRings.ring()
    },
    event(event, text) {
      const service = 'service' in event ? (event.service ?? null) : null
      const watched = event.type === 'watching' ? { watched: event.services } : {}
      const up = event.type === 'failed' && event.during === 'up' ? failedUp(event.error) : {}
      const saves = savesAfter(state.saves, event, now())
      add(
        { ...localsAfter(state.locals, event), ...watched, ...up, ...pauseAfter(event), saves },
        { service, type: event.type, text: text.slice(0, 2000) },
      )
    },
    phase(phase, error) {
      const next = phase === 'failed' ? failedUp(error) : ({ phase, failure: null } as const)
      if (phase === state.phase && phase !== 'failed') return
      const texts = { starting: 'The stack comes up', up: 'The stack is up', failed: next.failure?.text ?? '' }
      add(next, { service: null, type: 'phase', text: texts[phase].slice(0, 2000) })
    },
  }
}

/** How much is kept of what programs of this machine write. */
const keptLines = { items: 10_000, size: 4 * 1024 * 1024 }
const calm = { paused: false, waiting: [] } as const

/** What an event says about saves that wait. */
function pauseAfter(event: SessionEvent): Partial<Pick<SessionState, 'paused' | 'waiting'>> {
  const waiting = 'waiting' in event ? { waiting: event.waiting } : {}
  const changed = event.type === 'paused' || event.type === 'resumed'
  return { ...waiting, ...(changed ? { paused: event.type === 'paused' } : {}) }
}

/** What an event says about a program of this machine. */
function localsAfter(locals: SessionState['locals'], event: SessionEvent): Partial<Pick<SessionState, 'locals'>> {
  if (event.type !== 'local') return {}
  const { service: name, state, reason = null, dependsOn, urls } = event
  const next = { name, state, reason, dependsOn, urls }
  const isKnown = locals.some((each) => each.name === name)
  return { locals: isKnown ? locals.map((each) => (each.name === name ? next : each)) : [...locals, next] }
}

function failedUp(error: unknown) {
  return { phase: 'failed', failure: failureOf(error, 'up') } as const
}
