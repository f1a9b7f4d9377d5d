import { expect, test } from 'vitest'
import { examiner } from '../../../../src/commands/ui/examined.ts'
import type { CliContext } from '../../../../src/context.ts'
import { DevkError } from '../../../../src/errors.ts'
import { finding } from '../../../browser/support/states.ts'

const ctx = {} as CliContext

test('the findings are those of devk doctor; several questions at once are one', async () => {
  let times = 0
  const examined = async (of: CliContext) => {
    expect(of).toBe(ctx)
    times += 1
    return [finding()]
  }
  const examine = examiner(ctx, async () => ({ examined }))
  expect(await Promise.all([examine(), examine()])).toEqual(Array(2).fill({ ok: true, findings: [finding()] }))
  expect(times).toBe(1)
  await examine()
  expect(times).toBe(2)
})

test('what a user can correct is an answer, and a defect is none', async () => {
  const failing = (error: Error) => examiner(ctx, async () => ({ examined: () => Promise.reject(error) }))
  const known = new DevkError('COMMAND_FAILED', 'sysctl is missing', { hint: 'Install it.' })
  expect(await failing(known)()).toEqual({ ok: false, text: 'sysctl is missing.', hint: 'Install it.' })
  await expect(failing(new TypeError('defect'))()).rejects.toThrow('defect')
})
