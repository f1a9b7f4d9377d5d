import { mkdtempSync, rmdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * The time (ms) that a file gets which changes now. The kernel's clock for files goes in ticks, so that it may be some
 * milliseconds behind `Date.now()`: a file that is saved after a moment can have a time before it. Where no temporary
 * folder can be made, this gives `Date.now()`.
 */
export function fileClock(): number {
  try {
    const folder = mkdtempSync(join(tmpdir(), 'devk-clock-'))
    const { ctimeMs } = statSync(folder)
    rmdirSync(folder)
    return ctimeMs
  } catch {
    return Date.now()
  }
}
