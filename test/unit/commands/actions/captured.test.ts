import { expect, test } from 'vitest'
import { captured } from '../../../../src/commands/actions/captured.ts'
import { actionIn } from '../../../../src/commands/actions/request.ts'
import type { CliContext } from '../../../../src/context.ts'
import { DevkError } from '../../../../src/errors.ts'

const ctx = { signal: new AbortController().signal, isTTY: true, yes: true, color: true } as unknown as CliContext

test('what a command prints is its result, and nobody is asked', async () => {
  const seen: unknown[] = []
  const result = await captured(ctx, async ({ isTTY, yes, color, stdout, stderr }) => {
    seen.push(isTTY, yes, color)
    stdout.write('one\n')
    stderr.write('two\n')
    return 3
  })
  expect(result).toEqual({ ok: false, exitCode: 3, text: 'one\ntwo\n', hint: null })
  expect(seen).toEqual([false, false, false])
})

test('an error that a user can correct is a result, a defect is thrown', async () => {
  const error = new DevkError('NOT_READY', 'api is not ready', { details: ['it crashes'], hint: 'Fix it.' })
  const result = await captured(ctx, () => Promise.reject(error))
  expect(result).toEqual({ ok: false, exitCode: 3, text: 'api is not ready (NOT_READY)\nit crashes', hint: 'Fix it.' })
  await expect(captured(ctx, () => Promise.reject(new TypeError('bug')))).rejects.toThrow('bug')
})

test.each([
  [
    { action: 'restart', name: 'api' },
    { action: 'restart', name: 'api' },
  ],
  [
    { action: 'rollback', name: 'api', to: 2, more: 1 },
    { action: 'rollback', name: 'api', to: 2 },
  ],
])('%j is an action', (value, action) => {
  expect(actionIn(value)).toEqual(action)
})

test.each([
  null,
  'restart',
  { action: 'restart' },
  { action: 'constructor', name: 'api' },
  { action: 'restart', name: '-rf' },
  { action: 'restart', name: 'a b' },
  { action: 'restart', name: ['api'] },
  { action: 'rollback', name: 'api', to: 0 },
  { action: 'rollback', name: 'api', to: '2' },
])('%j is no action', (value) => {
  expect(actionIn(value)).toBeUndefined()
})
