import type { SessionEvent } from '../loop/events.ts'
import type { SaveTime } from '../loop/save-time.ts'
import { failureOf } from './failure.ts'
import type { Save, SaveStep } from './state.ts'

/** How many saves a session keeps. */
export const mostSaves = 200
const mostFiles = 10

/** The saves after an event of the loop. `now` is wall clock, ms. Pure. */
export function savesAfter(saves: readonly Save[], event: SessionEvent, now: number): readonly Save[] {
  const id = (saves.at(-1)?.id ?? 0) + 1
  const at = (ms: number) => new Date(now - ms).toISOString()
  switch (event.type) {
    case 'synced': {
      // What a container lacked after it started is no save.
      if (event.again) return saves
      const { service, files, save } = event
      const { ms, steps } = timesOf(save, [{ name: 'written', ms: event.ms }], event.ms)
      const own = { id, service, kind: 'sync', began: at(ms), state: 'done', steps, ms, ...numberOf(save) } as const
      return added(saves, { ...nothing, ...own, files: files.slice(0, mostFiles), fileCount: files.length })
    }
    case 'ran':
      return ran(saves, event)
    case 'compiled': {
      const { service, problem, output, save } = event
      // Outputs that are sent are a sync.
      if (problem === undefined) return saves
      const times = timesOf(save, [{ name: 'compiled', ms: event.ms }], event.ms)
      const failure = failureOf(new Error(`The build on this machine ${problem}\n${output}`), 'compile')
      const own = { id, service, kind: 'sync', began: at(times.ms), state: 'failed', failure } as const
      return added(saves, { ...nothing, ...own, ...times, ...numberOf(save) })
    }
    case 'rebuilding': {
      const { service, reason, save } = event
      const began = at(save?.ms ?? 0)
      const own = { id, service, kind: 'rebuild', began, reason, ...numberOf(save) } as const
      return added(overtaken(saves, service, now), { ...nothing, ...own })
    }
    case 'redeploying':
      return added(overtaken(saves, null, now), {
        ...nothing,
        id,
        service: null,
        kind: 'redeploy',
        began: at(event.save?.ms ?? 0),
        reason: event.reason,
        ...numberOf(event.save),
      })
    case 'ready':
      return ended(saves, event.service, { state: 'done', ...timesOf(event.save, event.stages, event.ms) })
    case 'redeployed':
      return ended(saves, null, {
        state: 'done',
        ...timesOf(event.save, [{ name: 'applied', ms: event.ms }], event.ms),
      })
    case 'failed':
      return event.during === 'up' ? saves : failed(saves, event, now)
    case 'traced':
      return traced(saves, event)
    default:
      return saves
  }
}

/** The steps of a save, from its first event on; of what is no save, those that were measured. */
function timesOf(
  save: SaveTime | undefined,
  steps: readonly SaveStep[],
  ms: number,
): Pick<Save, 'steps'> & { ms: number } {
  return save === undefined ? { steps, ms } : { steps: save.steps, ms: save.ms }
}

function numberOf(save: SaveTime | undefined): Pick<Save, 'number'> {
  return { number: save?.id ?? null }
}

const nothing = {
  files: [],
  fileCount: 0,
  reason: null,
  state: 'running',
  steps: [],
  ms: null,
  failure: null,
  number: null,
  trace: null,
} as const

function added(saves: readonly Save[], save: Save): readonly Save[] {
  return [...saves, save].slice(-mostSaves)
}

const isRunning = (service: string | null) => (save: Save) => save.state === 'running' && save.service === service

/** A newer change cancels a rebuild that still runs. */
function overtaken(saves: readonly Save[], service: string | null, now: number): readonly Save[] {
  const runs = isRunning(service)
  return saves.map((save) => (runs(save) ? { ...save, state: 'overtaken', ms: now - Date.parse(save.began) } : save))
}

function ended(saves: readonly Save[], service: string | null, end: Partial<Save>): readonly Save[] {
  const last = saves.findLastIndex(isRunning(service))
  return saves.map((save, index) => (index === last ? { ...save, ...end } : save))
}

/**
 * A command that followed a sync is a step of it. Of several containers, and of several runs, the one that took longest
 * counts, and one that failed does until it succeeds in the same pod.
 */
function ran(saves: readonly Save[], event: SessionEvent & { type: 'ran' }): readonly Save[] {
  const last = saves.findLastIndex(({ service, kind }) => service === event.service && kind === 'sync')
  const { command: name, pod, problem, output } = event
  const who = `${name} in ${pod} `
  return saves.map((save, index) => {
    if (index !== last) return save
    const before = save.steps.find((step) => step.name === name)?.ms ?? 0
    const ms = Math.max(before, event.ms)
    const steps = [...save.steps.filter((step) => step.name !== name), { name, ms }]
    const earlier = save.failure?.text.startsWith(who) ? null : save.failure
    const failure = problem === undefined ? earlier : failureOf(new Error(`${who}${problem}\n${output}`), 'run')
    return { ...save, steps, ms: (save.ms ?? 0) + ms - before, state: failure === null ? 'done' : 'failed', failure }
  })
}

/** A trace comes after its save, and maybe after newer ones. */
function traced(saves: readonly Save[], event: SessionEvent & { type: 'traced' }): readonly Save[] {
  const service = event.service ?? null
  const of = saves.findLastIndex((save) => save.service === service && save.number === event.number)
  return saves.map((save, index) => (index === of ? { ...save, trace: event.trace } : save))
}

function failed(saves: readonly Save[], event: SessionEvent & { type: 'failed' }, now: number): readonly Save[] {
  const service = event.service ?? null
  const failure = failureOf(event.error, event.during === 'redeploy' ? 'apply' : event.during)
  const running = saves.findLast(isRunning(service))
  if (running !== undefined) {
    return ended(saves, service, { state: 'failed', failure, ms: now - Date.parse(running.began) })
  }
  const id = (saves.at(-1)?.id ?? 0) + 1
  const kind = event.during === 'sync' ? 'sync' : 'rebuild'
  const began = new Date(now).toISOString()
  return added(saves, { ...nothing, id, service, kind, began, state: 'failed', failure, ms: 0 })
}
