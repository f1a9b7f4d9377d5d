import { type LogQuery, lineFilter } from '../logs/follow.ts'
import { droppedText, type LogLine, sortKey } from '../logs/record.ts'
import { eventsOf, readLines } from './follow.ts'
import type { LocalLine, LocalLines } from './state.ts'

/** A line of a program of this machine, which has no pod. */
export type LineHere = LocalLine & Pick<LogLine, 'dropped'>

/** Which lines of programs of this machine to read. */
export interface LocalQuery extends Pick<LogQuery, 'since' | 'tail' | 'grep' | 'signal'> {
  /** Names of programs; undefined: all. */
  readonly names?: readonly string[] | undefined
}

/** The present lines of programs that the devk on a socket runs, oldest first; none when no devk runs there. */
export async function readLocalLines(socket: string, query: LocalQuery): Promise<LineHere[]> {
  const kept = await readLines(socket, query.signal)
  return kept === undefined ? [] : present(kept.lines, query)
}

/**
 * The present lines of programs, and those that come, until the signal. It goes on with the next devk on that socket.
 * A line stands for those that devk no longer had when they were read.
 */
export async function* followLocalLines(socket: string, query: LocalQuery): AsyncGenerator<LineHere> {
  const { signal } = query
  const kept = await readLines(socket, signal).catch(() => undefined)
  if (kept !== undefined) yield* present(kept.lines, query)
  const isWanted = wantedBy(query)
  for await (const event of eventsOf(socket, '/v1/logs?follow=true', { lastEventId: kept?.place ?? '', signal })) {
    if (event?.name !== 'lines') continue
    const { lines, missed } = JSON.parse(event.data) as LocalLines
    const [first] = lines
    if (missed > 0 && first !== undefined) yield { ...first, text: droppedText(missed), dropped: missed }
    yield* lines.filter(isWanted)
  }
}

/** The last lines of each program that are wanted. Pure. */
function present(lines: readonly LocalLine[], query: LocalQuery): LocalLine[] {
  const { tail = Number.POSITIVE_INFINITY } = query
  const left = new Map<string, number>()
  const isWanted = wantedBy(query)
  const isLate = ({ service }: LocalLine) => {
    const rest = left.get(service) ?? tail
    left.set(service, rest - 1)
    return rest > 0
  }
  return lines.toReversed().filter(isLate).toReversed().filter(isWanted)
}

function wantedBy(query: LocalQuery): (line: LocalLine) => boolean {
  const matches = lineFilter(query)
  return (line) =>
    (query.names === undefined || query.names.includes(line.service)) &&
    matches({ ...line, key: sortKey(line.time) ?? '' })
}
