import { setTimeout as sleep } from 'node:timers/promises'
import type { LogOptions, PodRef, PodStreams } from '../kube/api.ts'
import { splitLines } from '../lib/streams/lines.ts'
import { longestLine, parseLine, type StampedLine } from './record.ts'
import { resumePoint } from './resume.ts'
import type { Cell, ContainerView } from './view.ts'

/** A container, and where its log lines go. */
export interface ContainerLogOptions {
  readonly streams: Pick<PodStreams, 'logs'>
  readonly pod: PodRef
  readonly container: string
  readonly view: Cell<ContainerView>
  /** The pod was created while devk followed the logs, so the lines of its earlier runs are wanted as well. */
  readonly fresh: boolean
  /** These two limit which older lines are read. They apply until the first line arrives. */
  readonly sinceTime: string | undefined
  readonly tailLines: number | undefined
  /** Called for each line. The next line is read when it resolves. */
  readonly emit: (line: StampedLine) => Promise<void> | void
  /** How long a stream may be silent before it is opened again (ms). */
  readonly silentMs?: number
  readonly signal: AbortSignal
}

/** How long a stream may stay open after its container ended (ms). */
const graceMs = 1000
const longestPauseMs = 2000
/** See `silentMs`. The kubelet rotates a log after ten seconds at the earliest. */
const silentMs = 15_000

/**
 * Follows the log of one container over its restarts, until its pod is deleted. A stream that is silent for long is
 * opened again: the kubelet may go on to watch a file that was rotated away. After an interruption it reads again
 * from the second of the last line and drops the lines that it has passed on. After a restart it reads the end of the
 * previous run first. Never rejects.
 */
export async function followContainer(options: ContainerLogOptions): Promise<void> {
  const { streams, pod, container, view, emit, signal } = options
  const resume = resumePoint({ fromFirst: options.tailLines !== undefined })
  let followed = options.fresh ? 0 : undefined
  let pause = 100

  /** Returns true when the log was read to its end without an error. */
  const read = async (request: Pick<LogOptions, 'follow' | 'previous' | 'signal'>): Promise<boolean> => {
    const since = resume.sinceTime()
    const limits =
      since !== undefined ? { sinceTime: since } : { sinceTime: options.sinceTime, tailLines: options.tailLines }
    try {
      const isNew = resume.open()
      const stream = await streams.logs(pod, { ...request, ...limits, container })
      let isHeld = false
      const onSilence = () => (isHeld ? silence.refresh() : stream.destroy(new Error('silent')))
      const silence: NodeJS.Timeout = setTimeout(onSilence, options.silentMs ?? silentMs)
      try {
        for await (const raw of splitLines(stream, longestLine)) {
          silence.refresh()
          const line = parseLine(raw)
          if (line === undefined || !isNew(line.key)) continue
          pause = 100
          isHeld = true
          await emit(line)
          isHeld = false
          silence.refresh()
        }
      } finally {
        clearTimeout(silence)
      }
      return !request.signal.aborted
    } catch {
      // The container does not exist yet or any more, or the connection failed. The view shows which, and so what to do
      // next.
      return false
    }
  }

  while (!signal.aborted) {
    const now = view.get()
    if (!now.started) {
      if (now.gone) return
      await view.next(signal)
      continue
    }
    if (followed !== undefined && now.runs > followed) await read({ follow: false, previous: true, signal })
    const mine = new AbortController()
    const either = AbortSignal.any([signal, mine.signal])
    const watching = endAfterRun(view, now.runs, mine, either)
    const complete = await read({ follow: true, signal: either })
    mine.abort()
    await watching
    followed = now.runs
    if (view.get().gone) return
    if (complete) {
      // A run has ended: no lines follow before the next run.
      while (!signal.aborted && isOver(view.get(), now.runs)) await view.next(signal)
      if (view.get().gone) return
      if (view.get().runs > now.runs) continue
    }
    await Promise.race([sleep(pause, undefined, { signal }).catch(() => {}), view.next(signal)])
    pause = Math.min(pause * 2, longestPauseMs)
  }
}

function isOver(view: ContainerView, runs: number): boolean {
  return !view.gone && view.runs === runs && !view.running
}

/**
 * Ends a stream that stays open after its run has ended. It was opened when the next run's log was already the current
 * one, so the end of the previous run still has to be read.
 */
async function endAfterRun(
  view: Cell<ContainerView>,
  runs: number,
  stream: AbortController,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted && view.get().runs === runs && !view.get().gone) await view.next(signal)
  if (signal.aborted) return
  await sleep(graceMs, undefined, { signal }).catch(() => {})
  stream.abort()
}
