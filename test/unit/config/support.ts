import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type LoadOptions, loadConfig } from '../../../src/config/load.ts'
import type { DevkError } from '../../../src/errors.ts'

/** Creates a folder with these files, and removes it after the test. */
export function folder(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'devk-config-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  return root
}

export const load = (cwd: string, more: Partial<LoadOptions> = {}) =>
  loadConfig({ cwd, env: {}, agree: async () => {}, ...more })

/** The DevkError that a promise rejects with. */
export async function failure(promise: Promise<unknown>): Promise<DevkError> {
  return promise.then(
    () => Promise.reject(new Error('did not fail')),
    (error) => error as DevkError,
  )
}

/** Each problem as `path: message`, without the lines that give positions. */
export const problems = (error: DevkError) =>
  error.details.filter((_, i) => i % 2 === 0).map((line) => line.replace(/ {3,}/, ': '))

export const places = (error: DevkError) => error.details.filter((_, i) => i % 2 === 1).map((line) => line.trim())
