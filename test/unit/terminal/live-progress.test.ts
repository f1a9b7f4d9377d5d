import { Writable } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import type { CliContext } from '../../../src/context.ts'
import { terminalProgress } from '../../../src/terminal/live-progress.ts'

const [hide, show] = ['\u001b[?25l', '\u001b[?25h']

test('a process that exits right after the cursor is hidden shows it again', async () => {
  const { isTTY } = process.stdout
  process.stdout.isTTY = true
  onTestFinished(() => {
    process.stdout.isTTY = isTTY
  })
  const before = process.listeners('exit')
  const added = () => process.listeners('exit').filter((listener) => !before.includes(listener))
  const hidden = Promise.withResolvers<string>()
  let shown = ''
  const screen = new Writable({
    write(chunk, _encoding, done) {
      shown += chunk
      done()
      if (!shown.endsWith(hide)) return
      for (const listener of added()) (listener as () => void)()
      hidden.resolve(shown)
    },
  })
  const progress = terminalProgress({ screen, columns: 80, color: false } as unknown as CliContext)
  await progress.step('Cluster', async () => ({ value: await hidden.promise, note: '' }))
  expect((await hidden.promise).endsWith(`${hide}${show}`)).toBe(true)
  expect(added()).toEqual([])
})
