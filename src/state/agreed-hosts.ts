import { isRecord, recordOf } from '../lib/record.ts'
import { readIfThere, writeAtomic } from './files.ts'

/** What the user answered about certificates for a name on the internet and what lies below it. */
export interface HostAnswer {
  readonly agreed: boolean
  /** ISO 8601. */
  readonly since: string
}

/** The answers by name. None if the file is damaged: the user is then asked again. */
export async function readHostAnswers(file: string): Promise<ReadonlyMap<string, HostAnswer>> {
  try {
    const value: unknown = JSON.parse((await readIfThere(file)) ?? '{}')
    return new Map(Object.entries(recordOf(value)).filter((entry): entry is [string, HostAnswer] => isAnswer(entry[1])))
  } catch {
    return new Map()
  }
}

/** The names that the user agreed to, sorted. */
export async function readAgreedHosts(file: string): Promise<readonly string[]> {
  return [...(await readHostAnswers(file))]
    .filter(([, { agreed }]) => agreed)
    .map(([name]) => name)
    .sort()
}

/** Saves an answer; undefined forgets it. Throws DISK_FULL. */
export async function rememberHost(file: string, name: string, answer: HostAnswer | undefined): Promise<void> {
  const answers = new Map(await readHostAnswers(file))
  if (answer === undefined) answers.delete(name)
  else answers.set(name, answer)
  await writeAtomic(file, `${JSON.stringify(Object.fromEntries(answers), null, 2)}\n`)
}

function isAnswer(value: unknown): value is HostAnswer {
  return isRecord(value) && typeof value.agreed === 'boolean' && typeof value.since === 'string'
}
