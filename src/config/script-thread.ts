import { existsSync } from 'node:fs'
import { extname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { configNames } from './around.ts'
import { scripts } from './code.ts'

let prepared: Worker | undefined

/** Where the configuration is likely to be: the file that the user names, or one in the working folder. */
interface LikelyPlace {
  readonly cwd: string
  readonly file: string | undefined
}

/**
 * Starts the thread for a configuration that is likely to be a script. That takes 20 ms, in which devk loads its own
 * code, finds the script and asks whether it may run it.
 */
export function prepareThread({ cwd, file }: LikelyPlace): void {
  const likely = file ?? configNames.find((name) => existsSync(join(cwd, name)))
  if (prepared !== undefined || likely === undefined || !scripts.has(extname(likely))) return
  prepared = start()
  prepared.unref()
}

/** The prepared thread, or a new one. It waits for one script; its caller terminates it. */
export function scriptThread(): Worker {
  const thread = prepared ?? start()
  prepared = undefined
  thread.ref()
  return thread
}

/** Ends the thread that was prepared and not needed. */
export async function endPreparedThread(): Promise<void> {
  if (prepared !== undefined) await scriptThread().terminate()
}

function start(): Worker {
  return new Worker(new URL(`../config/evaluation${extname(import.meta.url)}`, import.meta.url))
}
