/** Commands that only look, or that work on what `up` made, in a repository of an attacker. */
import { expect, test } from 'vitest'
import { inertCommands } from './support/commands.ts'
import { hostileRepository } from './support/hostile.ts'

test.each(inertCommands)('devk %s runs nothing and connects to nothing', async (words) => {
  const hostile = await hostileRepository()
  const { recorded, exitCode, stderr } = await hostile.run(...words.split(' '))
  expect(exitCode, stderr).not.toBe(70)
  expect([recorded, await hostile.marks(), hostile.connections()]).toEqual([[], [], 0])
})

test('the recorder sees a process that devk starts', async () => {
  const hostile = await hostileRepository()
  const { recorded } = await hostile.run('doctor')
  expect(recorded).toContain('PROCESSWRAP')
})
