import { parse } from 'jsonc-parser'
import { expect, onTestFinished } from 'vitest'
import type { Devk, Running } from '../devk.ts'

/** A `devk debug` that has opened a debugger. */
export interface StartedDebug {
  readonly running: Running
  /** What it has printed with --json. */
  readonly told: { readonly pod: string; readonly [field: string]: unknown }
}

/** Starts `devk debug` of a service, and waits until it has opened the debugger, for so long (ms). */
export async function startDebug(
  devk: Devk,
  service: string,
  flags: readonly string[],
  patienceMs: number,
): Promise<StartedDebug> {
  const running = devk.start(['debug', service, '--json', ...flags])
  onTestFinished(() => void running.child.kill('SIGKILL'))
  return { running, told: JSON.parse((await running.waitFor(/^\{[\s\S]*?^\}/m, patienceMs))[0]) }
}

/** Ends it by Ctrl-C. Fails if it warns of anything. */
export async function endDebug({ running }: StartedDebug): Promise<void> {
  running.child.kill('SIGINT')
  const ended = await running.finished
  expect([ended.exitCode, ended.stderr]).toEqual([130, expect.not.stringContaining('!')])
}

/** The entry of a service in the text of a .vscode/launch.json. */
export function launchEntryIn(text: string, service: string): Record<string, unknown> {
  const { configurations } = parse(text)
  return configurations.find(({ name }: { name: string }) => name === `devk: ${service}`)
}
