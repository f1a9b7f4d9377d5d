import { messageOf } from '../lib/text.ts'
import type { SessionEvent } from '../loop/events.ts'
import type { SaveTime } from '../loop/save-time.ts'
import { type OutSpan, traceParent } from './otlp.ts'

/** Makes a trace of each save. */
export interface SaveTraces {
  event(event: SessionEvent): void
  /** Resolves when nothing is on its way any more. */
  done(): Promise<void>
}

/** Who makes the traces of saves whole. */
export interface SaveTracesDeps {
  /** Wall clock, ms. */
  now(): number
  /** A random number of so many bytes, in hexadecimal digits. */
  id(bytes: number): string
  /**
   * Asks a service until it answers well, with this `traceparent`. Rejects if it does not in time; undefined: there is
   * nobody to ask.
   */
  answer(service: string, traceparent: string): Promise<void> | undefined
  send(spans: readonly OutSpan[]): Promise<void>
  /** A save was sent. No service: the whole stack. */
  onSent(sent: { readonly service: string | undefined; readonly number: number; readonly trace: string }): void
  /** Something could not be sent, and before it everything was. */
  onProblem(error: unknown): void
}

/** What follows a sync within this time belongs to its save, milliseconds. */
const quietMs = 20
/** How many services are asked at once. With more saves than that, nobody waits for their answers. */
const mostAsked = 10

interface Saved {
  readonly kind: 'sync' | 'rebuild' | 'redeploy'
  readonly save: SaveTime
  /** When its last step ended. */
  readonly end: number
  readonly files: readonly string[]
  readonly problem: string | undefined
}

/** Makes traces of what the loop reports. The whole stack has the name ''. */
export function saveTraces(deps: SaveTracesDeps): SaveTraces {
  const saved = new Map<string, Saved>()
  const timers = new Map<string, NodeJS.Timeout>()
  /** How many commands run that follow a sync. */
  const commands = new Map<string, number>()
  /** Rebuilds that have begun, and when their saves were seen. */
  const begun = new Map<string, { readonly save: SaveTime; readonly seen: number }>()
  const work = new Set<Promise<void>>()
  let isTold = false

  const publish = (service: string) => {
    const one = saved.get(service)
    clearTimeout(timers.get(service))
    saved.delete(service)
    if (one === undefined) return
    const isAsked = one.problem === undefined && work.size < mostAsked
    const sent = traceOf(service, one, isAsked ? deps : { ...deps, answer: () => undefined })
      .then(async (spans) => {
        await deps.send(spans)
        return spans
      })
      .then(
        ([root]) => {
          isTold = false
          deps.onSent({ service: service || undefined, number: one.save.id, trace: root.trace })
        },
        (error: unknown) => {
          if (!isTold) deps.onProblem(error)
          isTold = true
        },
      )
    work.add(sent)
    void sent.then(() => work.delete(sent))
  }
  const later = (service: string) => {
    clearTimeout(timers.get(service))
    if ((commands.get(service) ?? 0) > 0) return
    timers.set(
      service,
      setTimeout(() => publish(service), quietMs),
    )
  }
  const take = (service: string, more: Omit<Saved, 'end' | 'files' | 'problem'> & Partial<Saved>) => {
    const before = saved.get(service)
    if (before !== undefined && before.save.id !== more.save.id) publish(service)
    const { files = [], problem } = before?.save.id === more.save.id ? before : {}
    begun.delete(service)
    saved.set(service, { end: deps.now(), files, problem, ...more })
    later(service)
  }
  const ran = (service: string, { save, problem, command }: SessionEvent & { type: 'ran' }) => {
    commands.set(service, Math.max(0, (commands.get(service) ?? 0) - 1))
    const before = saved.get(service)
    if (save !== undefined) take(service, { kind: 'sync', save })
    else if (before !== undefined) take(service, { ...before, problem: `${command} ${problem}` })
  }
  return {
    event(event) {
      const service = ('service' in event ? event.service : undefined) ?? ''
      const begins = begun.get(service)
      switch (event.type) {
        case 'synced':
          if (event.save && !event.again) take(service, { kind: 'sync', save: event.save, files: event.files })
          break
        case 'running':
          commands.set(service, (commands.get(service) ?? 0) + 1)
          clearTimeout(timers.get(service))
          break
        case 'ran':
          ran(service, event)
          break
        case 'compiled': {
          const { problem, save } = event
          if (problem !== undefined && save) take(service, { kind: 'sync', save, problem: `the build ${problem}` })
          break
        }
        case 'rebuilding':
        case 'redeploying':
          if (event.save) begun.set(service, { save: event.save, seen: deps.now() - event.save.ms })
          break
        case 'ready':
          if (event.save) take(service, { kind: 'rebuild', save: event.save })
          break
        case 'redeployed':
          if (event.save) take(service, { kind: 'redeploy', save: event.save })
          break
        case 'failed': {
          if (begins === undefined) break
          const kind = event.during === 'redeploy' ? 'redeploy' : 'rebuild'
          const save = { ...begins.save, ms: deps.now() - begins.seen }
          take(service, { kind, save, problem: messageOf(event.error) })
        }
      }
    },
    async done() {
      for (const service of [...saved.keys()]) publish(service)
      await Promise.all(work)
    },
  }
}

/** The spans of a save: one of all of it, one for each step, and one for the first answer after it. Never rejects. */
async function traceOf(service: string, one: Saved, deps: SaveTracesDeps): Promise<[OutSpan, ...OutSpan[]]> {
  const { kind, save, end, files, problem } = one
  const [trace, id] = [deps.id(16), deps.id(8)]
  const start = end - save.ms
  const own = { trace, parent: id, isClient: false, problem: undefined, attributes: {} }
  let at = start
  const steps = save.steps.map(({ name, ms }): OutSpan => {
    const from = at
    at = from + ms
    return { ...own, id: deps.id(8), name, start: from, end: at }
  })
  const asked = { ...own, id: deps.id(8), name: 'first good answer', isClient: true, start: deps.now() }
  const waiting = deps.answer(service, traceParent(asked))
  const failure = await waiting?.then(() => undefined, messageOf)
  const answers = waiting === undefined ? [] : [{ ...asked, end: deps.now(), problem: failure }]
  const root: OutSpan = {
    ...own,
    id,
    parent: undefined,
    name: service === '' ? 'save of the stack' : `save of ${service}`,
    start,
    end: Math.max(end, ...answers.map((each) => each.end)),
    problem,
    attributes: {
      'devk.save': save.id,
      'devk.kind': kind,
      ...(service === '' ? {} : { 'devk.service': service }),
      ...(files.length === 0 ? {} : { 'devk.files': files.slice(0, 10).join('\n') }),
    },
  }
  return [root, ...steps, ...answers]
}
