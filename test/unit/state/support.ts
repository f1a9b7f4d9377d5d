import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Creates a folder and removes it after the test. */
export function folder(): string {
  const root = mkdtempSync(join(tmpdir(), 'devk-state-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  return root
}
