import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { CliContext } from '../../../src/context.ts'
import { plainProgress } from '../../../src/terminal/plain-progress.ts'

test('a reason that returns with other counts and pods is printed once', () => {
  const stderr = new PassThrough()
  const ctx = { stderr, color: false, json: false, clock: () => 0 } as unknown as CliContext
  const { onEvent } = plainProgress(ctx).hooks
  const wait = (reason: string) => onEvent({ type: 'waiting', name: 'Deployment web', unit: 'web', reason })
  wait('0/3 pods ready; web-7d9f-x1 readiness probe fails: connection refused')
  wait('1/3 pods ready; web-7d9f-x2 readiness probe fails: connection refused')
  wait('1/3 pods ready')
  wait('2/3 pods ready; web-7d9f-x1 readiness probe fails: connection refused')
  wait('2/3 pods ready; web-7d9f-x1 exited with code 1')
  expect(String(stderr.read()).trim().split('\n')).toHaveLength(3)
})
