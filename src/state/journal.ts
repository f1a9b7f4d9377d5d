import { readIfThere, writeAtomic } from './files.ts'
import { acquireLock } from './lock.ts'

export type JournalKind = 'cluster' | 'container' | 'network' | 'volume' | 'image' | 'kubeconfig' | 'file'

/** Something outside the cluster that devk made, or was about to make. */
export interface JournalEntry {
  readonly id: string
  readonly kind: JournalKind
  readonly name: string
  /** ISO 8601. */
  readonly at: string
  /** `begun` until it is proven to be there: what a crash leaves as `begun` may exist, wholly or half. */
  readonly state: 'begun' | 'made'
  /** What proves that a thing of this name is the one devk made, e.g. its engine id. */
  readonly facts: Readonly<Record<string, string>>
}

/** The list of what devk made outside the cluster. Each change is on disk before its promise resolves. */
export interface Journal {
  entries(): Promise<readonly JournalEntry[]>
  find(kind: JournalKind, name: string): Promise<JournalEntry | undefined>
  /** To be called before a thing is created. Of a kind and name there is one entry: it starts anew. */
  begin(kind: JournalKind, name: string, facts?: Readonly<Record<string, string>>): Promise<JournalEntry>
  /** To be called when its creation is proven; adds to its facts. */
  made(id: string, facts?: Readonly<Record<string, string>>): Promise<void>
  /** To be called when it is proven to be gone. */
  remove(id: string): Promise<void>
}

export interface JournalOptions {
  readonly file: string
  readonly now: () => Date
  /** For a journal that several devk write: the lock and pid that order them. A project's own is under the project's lock. */
  readonly shared?: { readonly lock: string; readonly pid: number; readonly signal: AbortSignal }
}

/** Opens a journal; a missing file is an empty one. */
export function openJournal({ file, now, shared }: JournalOptions): Journal {
  // Calls of one process are queued, since each reads the file and writes it back.
  let last: Promise<unknown> = Promise.resolve()
  const read = async () => parseJournal((await readIfThere(file)) ?? '')

  const change = <T>(edit: (entries: JournalEntry[]) => readonly [JournalEntry[], T]): Promise<T> => {
    const mine = last.then(async () => {
      const lock =
        shared === undefined
          ? undefined
          : await acquireLock({
              path: shared.lock,
              command: 'journal',
              pid: shared.pid,
              signal: shared.signal,
              wait: 10_000,
            })
      try {
        const [entries, result] = edit(await read())
        await writeAtomic(file, formatJournal(entries))
        return result
      } finally {
        await lock?.release()
      }
    })
    last = mine.catch(() => {})
    return mine
  }

  return {
    entries: read,
    find: async (kind, name) => (await read()).find((entry) => entry.kind === kind && entry.name === name),
    begin: (kind, name, facts = {}) =>
      change((entries) => {
        const others = entries.filter((entry) => entry.kind !== kind || entry.name !== name)
        const entry = { id: crypto.randomUUID(), kind, name, at: now().toISOString(), state: 'begun' as const, facts }
        return [[...others, entry], entry]
      }),
    made: (id, facts = {}) =>
      change((entries) => [
        entries.map((entry) =>
          entry.id === id ? { ...entry, state: 'made' as const, facts: { ...entry.facts, ...facts } } : entry,
        ),
        undefined,
      ]),
    remove: (id) => change((entries) => [entries.filter((entry) => entry.id !== id), undefined]),
  }
}

/** One entry a line, so that a damaged file loses only its damaged lines. */
function formatJournal(entries: readonly JournalEntry[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')
}

function parseJournal(text: string): JournalEntry[] {
  return text.split('\n').flatMap((line) => {
    try {
      const entry = JSON.parse(line) as Partial<JournalEntry> | null
      const whole = entry?.id && entry.kind && entry.name && entry.at && entry.state && entry.facts
      return whole ? [entry as JournalEntry] : []
    } catch {
      return []
    }
  })
}
