import { readIfThere, writeAtomic } from './files.ts'

/** A cluster that the user allowed devk to use, as it was identified then. */
export interface KnownContext {
  /** Address of its API server. */
  readonly server: string
  /** UID of its namespace kube-system; undefined when devk may not read it. */
  readonly uid: string | undefined
  /** How devk logs in to it (`ContextFacts.access`). */
  readonly access: string
  /** Whether the user agreed although it looks like production. */
  readonly production?: boolean | undefined
  /** ISO 8601. */
  readonly since: string
}

/**
 * The record of a context. undefined before its first use, when the file is damaged, and for a record of an older
 * version without `access`: the user is asked again.
 */
export async function readKnownContext(file: string, context: string): Promise<KnownContext | undefined> {
  const all = await read(file)
  const known = Object.hasOwn(all, context) ? all[context] : undefined
  return typeof known?.access === 'string' && URL.canParse(known.server) ? known : undefined
}

/** Saves a context that the user agreed to. Throws DISK_FULL. */
export async function rememberContext(file: string, context: string, known: KnownContext): Promise<void> {
  await writeAtomic(file, `${JSON.stringify({ ...(await read(file)), [context]: known }, null, 2)}\n`)
}

async function read(file: string): Promise<Record<string, KnownContext>> {
  const text = await readIfThere(file)
  try {
    const value = JSON.parse(text ?? '{}') as unknown
    return typeof value === 'object' && value !== null ? (value as Record<string, KnownContext>) : {}
  } catch {
    return {}
  }
}
