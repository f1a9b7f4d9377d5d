import { expect, test } from 'vitest'
import type { SessionEvent } from '../../../../src/loop/events.ts'
import { eventText } from '../../../../src/up/live/event-text.ts'

const crashed = (exitCode: number | undefined, afterSync = false): SessionEvent => ({
  ...{ type: 'crashed', service: 'web', afterSync, exitCode },
  ...{ reason: exitCode === 0 ? 'Completed' : 'Error', container: 'web', pod: { namespace: 'default', name: 'web-1' } },
})

test('the loop says what it watches, also when it builds no service', () => {
  expect(eventText({ type: 'watching', services: ['api', 'web'] })).toBe('Watching api, web.')
  expect(eventText({ type: 'watching', services: [] })).toBe('Watching the manifests; no service is built here.')
})

test('a program that ends well is not said to have crashed', () => {
  expect(eventText(crashed(0, true))).toBe('does not keep running: it ends with exit code 0 (web-1)')
  expect(eventText(crashed(1, true))).toBe('crashed after sync: Error, exit code 1 (web-1)')
  expect(eventText(crashed(1))).toBe('crashed: Error, exit code 1 (web-1)')
})
