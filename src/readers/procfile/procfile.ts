import { posix } from 'node:path'
import { commandOf } from '../commands.ts'
import type { Place } from '../facts.ts'
import { readerOf } from '../files.ts'

/** A process of a Procfile. */
export interface Process {
  /** `web`, `worker`. */
  readonly type: string
  /** A name for its service. */
  readonly name: string
  readonly line: string
  readonly place: Place
}

/** The processes of a Procfile. In a folder, `web` is called as the folder is. Pure. */
export function processesIn(file: string, text: string): Process[] {
  const folder = posix.dirname(file)
  const own = folder === '.' ? undefined : posix.basename(folder)
  return text.split('\n').flatMap((each, index): Process[] => {
    const [, type, line = ''] = /^([\w-]+):\s*(\S.*)$/.exec(each.trimEnd()) ?? []
    if (type === undefined) return []
    const name = own === undefined ? type : type === 'web' ? own : `${own}-${type}`
    return [{ type, name, line, place: { file, line: index + 1 } }]
  })
}

/** The commands by which people develop, in Procfile.dev. What Procfile says is what the image runs. */
export const readProcfile = readerOf(/(^|\/)Procfile\.(dev|local)$/, ({ file, text }) => ({
  services: processesIn(file, text).map(({ name, line, place }) => ({ place, name, command: commandOf(line) })),
  deploys: [],
  open: [],
}))
