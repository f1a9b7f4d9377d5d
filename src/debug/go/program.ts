import { posix } from 'node:path'
import type { OpenImage } from '../../engine/open-image.ts'
import { supervisor } from '../../lib/keys.ts'
import { commandOf } from '../../manifests/supervised.ts'
import type { Container } from '../../manifests/workload.ts'

/** The command of a container that runs a program in Go. */
export interface GoCommand {
  readonly words: readonly string[]
  /** The word that names the program: it may stand behind an init such as tini. */
  readonly at: number
}

/** How many words of a command are looked at. */
const mostWords = 8
/** What the linker of Go writes into each program: https://pkg.go.dev/debug/buildinfo */
const goMark = Buffer.from('\xff Go buildinf:', 'latin1')
const elfMark = Buffer.from('\x7fELF', 'latin1')

/** What `findGo` looks for, for messages. */
export const goSought = "Go: a program of the container's command, in its image on this machine's engine"

/**
 * Finds the program in Go that a container runs, in its image. undefined if it runs none. Throws ENGINE_UNAVAILABLE.
 */
export async function findGo(
  { entrypoint, command, path, workingDir, read }: Omit<OpenImage, 'env' | 'close'>,
  container: Pick<Container, 'command' | 'args'> & { readonly workingDir?: unknown },
): Promise<GoCommand | undefined> {
  const words = commandOf(container, { entry: entrypoint, args: command })
  const folder = typeof container.workingDir === 'string' ? container.workingDir : workingDir
  // After `agent supervise SOCKET` comes what the container ran without it.
  const first = words[0] === supervisor.program ? 3 : 0
  for (const [index, word] of words.slice(first, first + mostWords).entries()) {
    for (const file of filesOf(word, { isFirst: index === 0, path, folder })) {
      const content = await read(file)
      if (content === undefined) continue
      if (isGo(content)) return { words, at: first + index }
      break
    }
  }
  return undefined
}

/** Whether a file is a program in Go for Linux. Pure. */
function isGo(content: Buffer): boolean {
  return content.subarray(0, 4).equals(elfMark) && content.includes(goMark)
}

interface Where {
  readonly isFirst: boolean
  readonly path: readonly string[]
  readonly folder: string
}

/** Where the program that a word names can be. Only the first word of a command is looked for in PATH. Pure. */
function filesOf(word: string, { isFirst, path, folder }: Where): string[] {
  if (/^\.{0,2}\//.test(word)) return [posix.resolve(folder, word)]
  if (word.includes('/') && isFirst) return [posix.resolve(folder, word)]
  return isFirst && word !== '' ? path.map((each) => posix.join(each, word)) : []
}
