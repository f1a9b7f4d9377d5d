import { readIfThere, writeAtomic } from './files.ts'
import { acquireLock } from './lock.ts'

/** What devk creates outside the cluster. */
export type JournalKind = 'cluster' | 'container' | 'network' | 'volume' | 'image' | 'kubeconfig' | 'file'

/** Something outside the cluster that devk created, or was about to create. */
export interface JournalEntry {
  readonly id: string
  readonly kind: JournalKind
  readonly name: string
  /** ISO 8601. */
  readonly at: string
  /** `begun` until its creation is proven. After a crash, what is `begun` may exist in full, in part or not at all. */
  readonly state: 'begun' | 'made'
  /** What proves that an object of this name is the one that devk created, for example its id on the engine. */
  readonly facts: Readonly<Record<string, string>>
}

/**
 * What devk created outside the cluster. Each change is on disk before its promise resolves. Changes throw DISK_FULL.
 */
export interface Journal {
  /** Where it is stored. */
  readonly file: string
  entries(): Promise<readonly JournalEntry[]>
  find(kind: JournalKind, name: string): Promise<JournalEntry | undefined>
  /** Call it before an object is created. Replaces an existing entry of that kind and name. */
  begin(kind: JournalKind, name: string, facts?: Readonly<Record<string, string>>): Promise<JournalEntry>
  /** Call it when the creation is proven; adds to the facts. */
  made(id: string, facts?: Readonly<Record<string, string>>): Promise<void>
  /** Call it when the removal is proven. */
  remove(id: string): Promise<void>
}

/** Where a journal is, and who else writes it. */
export interface JournalOptions {
  readonly file: string
  readonly now: () => Date
  /**
   * For a journal that several processes write: the lock that they take. The journal of a project is protected by the
   * lock of the project.
   */
  readonly shared?: { readonly lock: string; readonly pid: number; readonly signal: AbortSignal }
}

/** Opens a journal. A missing file is an empty journal. */
export function openJournal({ file, now, shared }: JournalOptions): Journal {
  // Calls of one process are queued, because each reads the file and writes it back.
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
    file,
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

/** One entry per line, so that a damaged file loses only its damaged lines. */
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
