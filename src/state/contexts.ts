import { readIfThere, writeAtomic } from './files.ts'

/** A cluster that a user let devk use: what it was known by at that time. */
export interface KnownContext {
  /** Address of its API server. */
  readonly server: string
  /** UID of its namespace kube-system; undefined where devk may not read that. */
  readonly uid: string | undefined
  /** ISO 8601. */
  readonly since: string
}

/** What is known of a context; undefined before its first use, and when the file is damaged: then it is asked for again. */
export async function readKnownContext(file: string, context: string): Promise<KnownContext | undefined> {
  return (await read(file))[context]
}

/** Remembers a context that the user agreed to. */
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
