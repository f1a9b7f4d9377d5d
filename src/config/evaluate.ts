import { getCompileCacheDir } from 'node:module'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Worker } from 'node:worker_threads'
import { DevkError } from '../errors.ts'
import type { ConfigCode } from './code.ts'
import { unpacked } from './packed.ts'
import { scriptThread } from './script-thread.ts'
import type { EvaluationInput, EvaluationMessage, ScriptFailure } from './thread.ts'

/** A script to read. */
export interface Reading {
  readonly code: ConfigCode
  /** Its name in messages. */
  readonly shown: string
  /** Called for each local file that the script imports, directly or not, even if it does not exist. */
  readonly onImport?: ((file: string) => void) | undefined
  /** Ends the script. */
  readonly signal?: AbortSignal | undefined
}

/** What a script exports by default, or a local file that it wanted to import and that is not part of its code. */
export type Evaluated = { readonly value: unknown } | { readonly unlisted: string }

/** The last message of a thread; undefined: it ended without one, since nothing is left that could end an `await`. */
type Last = Exclude<EvaluationMessage, { readonly imports: string }> | undefined

/**
 * Evaluates a script and returns what it exports by default. In the script, `devk` resolves to devk itself. The script
 * and its local imports are read again on each call. Local files run only with the content that `code` lists. The
 * script has a thread of its own: when it ends its process, changes it, leaves a timer or never ends, devk goes on.
 * Throws CONFIG_INVALID, with file and line, if the script cannot be read, throws or gives no result, and the reason
 * of the signal.
 */
export async function evaluate({ code, shown, onImport, signal }: Reading): Promise<Evaluated> {
  const { file, files: listed } = code
  const thread = scriptThread()
  const stop = () => void thread.terminate()
  signal?.addEventListener('abort', stop)
  try {
    signal?.throwIfAborted()
    const compiled = getCompileCacheDir()
    const input: EvaluationInput = { file, listed, cache: compiled === undefined ? undefined : dirname(compiled) }
    thread.postMessage(input)
    const result = await resultOf(thread, onImport)
    signal?.throwIfAborted()
    if (result === undefined) throw noResult(shown, 'waits for something that never happens')
    if ('exits' in result) throw noResult(shown, `ends with process.exit(${result.exits})`)
    if ('failure' in result) throw scriptError(result.failure, file, shown)
    return 'value' in result ? { value: unpacked(result.value) } : result
  } finally {
    signal?.removeEventListener('abort', stop)
    await thread.terminate()
  }
}

function resultOf(thread: Worker, onImport: ((file: string) => void) | undefined): Promise<Last> {
  return new Promise((resolve) => {
    thread.on('message', (message: EvaluationMessage) => {
      if ('imports' in message) onImport?.(message.imports)
      else resolve(message)
    })
    thread.on('error', (error: unknown) => {
      const { message, stack = '' } = error instanceof Error ? error : { message: String(error) }
      resolve({ failure: { message, stack, isSyntax: false } })
    })
    thread.on('exit', () => resolve(undefined))
  })
}

function noResult(shown: string, what: string): DevkError {
  return new DevkError('CONFIG_INVALID', `${shown} ${what}, and exports nothing`, { hint: 'Nothing was changed.' })
}

function scriptError({ code, message, stack, isSyntax }: ScriptFailure, file: string, shown: string): DevkError {
  const place = placeIn(stack, file)
  const where = place === undefined ? shown : `${shown}:${place}`
  const cause = Object.assign(new Error(message), { stack })
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') {
    return new DevkError('CONFIG_INVALID', `${where} uses TypeScript syntax that must be compiled`, {
      details: [message],
      hint: 'devk only removes types. Replace enums by plain objects; remove namespaces and parameter properties.',
      cause,
    })
  }
  if (code === 'ERR_MODULE_NOT_FOUND') {
    return new DevkError('CONFIG_INVALID', `${shown} imports a module that does not exist`, {
      details: [message],
      hint: 'Install the package, or correct the path. A path needs its extension, as in ./ports.ts.',
      cause,
    })
  }
  const kind = isSyntax ? 'cannot be read' : 'threw an error'
  return new DevkError('CONFIG_INVALID', `${where} ${kind}: ${message}`, { hint: 'Nothing was changed.', cause })
}

/** `12:3` from a stack frame, or `12` from the line that Node prints above a syntax error. */
function placeIn(stack: string, file: string): string | undefined {
  for (const line of stack.split('\n')) {
    for (const name of [pathToFileURL(file).href, file]) {
      const start = line.indexOf(name)
      if (start < 0) continue
      const place = /^(?:\?devk)?:(\d+(?::\d+)?)/.exec(line.slice(start + name.length))
      if (place) return place[1]
    }
  }
  return undefined
}
