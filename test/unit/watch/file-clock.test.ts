import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fileClock } from '../../../src/watch/file-clock.ts'
import { folder } from '../local/processes.ts'

test('a file that is written after a moment has no time before it, one that was written before has none after it', () => {
  const path = join(folder(), 'file')
  const written = () => {
    writeFileSync(path, `${Math.random()}`)
    return statSync(path).ctimeMs
  }
  for (let round = 0; round < 300; round += 1) {
    const before = written()
    const moment = fileClock()
    expect([before <= moment, written() >= moment]).toEqual([true, true])
    for (const until = performance.now() + Math.random() * 3; performance.now() < until; );
  }
})
