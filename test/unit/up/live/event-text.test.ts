import { expect, test } from 'vitest'
import type { SessionEvent } from '../../../../src/loop/events.ts'
import { eventText, failureText } from '../../../../src/up/live/event-text.ts'

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

test('a program of this machine is told with its URLs, and one that crashed with its last line', () => {
  const local = (state: 'waiting' | 'running' | 'ended' | 'failed', reason?: string, output = ''): SessionEvent => ({
    ...{ type: 'local', service: 'web', state, reason, output, dependsOn: [], urls: ['http://localhost:5173'] },
  })
  const failed = local('failed', 'exit code 1', 'at a.js:3\nno such module\n')
  const events = [
    local('waiting', 'waits for api'),
    local('running'),
    local('running', 'a.js was saved'),
    local('ended', 'exit code 0'),
    failed,
  ]
  expect(events.map(eventText)).toEqual([
    'waits for api',
    'started on this machine  http://localhost:5173',
    'started again: a.js was saved  http://localhost:5173',
    'ended: exit code 0',
    'does not run: exit code 1: no such module',
  ])
  expect(events.map(failureText).at(-1)).toBe('web does not run: exit code 1\nat a.js:3\nno such module')
  expect(events.slice(0, 4).map(failureText)).toEqual([undefined, undefined, undefined, undefined])
})
