import { Readable } from 'node:stream'
import type { LogOptions, PodRef, PodStreams } from '../../../src/kube/api.ts'

export interface LogServer extends Pick<PodStreams, 'logs'> {
  /** The requests in order. */
  readonly requests: readonly LogOptions[]
  /** Adds lines to the current run's log. Open streams get them. */
  write(...lines: string[]): void
  /** Breaks every open stream in the middle of a line. What was not read yet is lost. */
  breakAll(): void
  /** Open streams stay open, and get nothing more, as after a rotation that the kubelet missed. */
  miss(): void
  /** Ends the run and the streams that follow it. */
  end(): void
  /** Starts the next run with an empty log. */
  begin(): void
}

/** The log of a container as the kubelet serves it: times in seconds, one previous run, streams that end with the run. */
export function logServer(): LogServer {
  let current: string[] = []
  let previous: string[] = []
  let ended = false
  const streams = new Set<Readable>()
  const requests: LogOptions[] = []
  const secondOf = (time: string) => Math.floor(Date.parse(time) / 1000)
  const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('')
  return {
    requests,
    async logs(_pod: PodRef, options) {
      requests.push(options)
      const from = options.sinceTime === undefined ? 0 : secondOf(options.sinceTime)
      const all = options.previous ? previous : current
      const lines = all.filter((line) => secondOf(line.slice(0, line.indexOf(' '))) >= from)
      const stream = new Readable({ read() {} })
      stream.push(text(options.tailLines === undefined ? lines : lines.slice(-options.tailLines)))
      if (!options.follow || ended) stream.push(null)
      else {
        streams.add(stream)
        options.signal.addEventListener('abort', () => stream.destroy(), { once: true })
      }
      return stream
    },
    write(...lines) {
      current.push(...lines)
      for (const stream of streams) stream.push(text(lines))
    },
    breakAll() {
      for (const stream of streams) {
        stream.push('2026-01-01T00:00:00Z half a li')
        stream.destroy(new Error('broken'))
      }
      streams.clear()
    },
    miss: () => streams.clear(),
    end() {
      ended = true
      for (const stream of streams) stream.push(null)
      streams.clear()
    },
    begin() {
      ended = false
      previous = current
      current = []
    },
  }
}

/** `line(7)`: a numbered line; ten of them share a time stamp, a hundred a second. */
export function line(n: number): string {
  const at = new Date(Date.UTC(2026, 0, 1) + Math.floor(n / 100) * 1000).toISOString().slice(0, 19)
  return `${at}.${Math.floor((n % 100) / 10)}Z ${n}`
}

/** Resolves when `check` returns true. Otherwise the test fails at its own deadline. */
export async function until(check: () => boolean): Promise<void> {
  while (!check()) await new Promise((resolve) => setTimeout(resolve, 2))
}
