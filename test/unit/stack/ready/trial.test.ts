import { beforeEach, expect, test, vi } from 'vitest'
import type { KubeObject } from '../../../../src/kube/api.ts'
import type { ContainerStatus, Pod } from '../../../../src/kube/pod.ts'
import { assess } from '../../../../src/stack/ready/assess.ts'
import { trials } from '../../../../src/stack/ready/trial.ts'
import { deployment, rolledOut } from '../support.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-01-01T00:00:10Z') })
  return () => vi.useRealTimers()
})

const again: ContainerStatus = {
  name: 'app',
  ready: true,
  restartCount: 1,
  state: { running: { startedAt: '2026-01-01T00:00:09Z' } },
  lastState: { terminated: { exitCode: 1 } },
}
const podOf = (status: ContainerStatus, container: object = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web-1', uid: 'u', labels: { app: 'web' } },
  spec: { containers: [{ name: 'app', image: 'web:1', ...container }] },
  status: { containerStatuses: [status] },
})
const web: KubeObject = { ...deployment('web'), status: rolledOut }

/** The assessment of a Deployment that reports ready, with this pod as its only one. */
function seen(pod: Pod, known = trials(Date.now, () => {})) {
  return assess(web, { pods: [pod], events: [], logs: new Map([['u/app', ['no post today']]]), trials: known })
}

test('a container that crashed counts as ready after it has run for a while, and is then assessed again', () => {
  const onTrialEnd = vi.fn()
  const known = trials(Date.now, onTrialEnd)
  const reason = 'web-1 restarted after it exited with code 1: no post today'
  expect(seen(podOf(again), known)).toEqual({ ready: false, reason })
  vi.advanceTimersByTime(4999)
  expect([seen(podOf(again), known).ready, onTrialEnd.mock.calls.length]).toEqual([false, 0])
  vi.advanceTimersByTime(1)
  expect([seen(podOf(again), known).ready, onTrialEnd.mock.calls.length]).toEqual([true, 1])
})

test('a first start counts as ready after two seconds', () => {
  const known = trials(Date.now, () => {})
  const first = podOf({ ...again, restartCount: 0, lastState: {} })
  const reason = 'web-1 has just started and has no readiness probe'
  expect(seen(first, known)).toEqual({ ready: false, reason })
  vi.advanceTimersByTime(2000)
  expect(seen(first, known).ready).toBe(true)
})

test('each start after a crash has its own trial', () => {
  const known = trials(Date.now, () => {})
  seen(podOf(again), known)
  vi.advanceTimersByTime(6000)
  expect(seen(podOf({ ...again, restartCount: 2 }), known).ready).toBe(false)
})

test.each<[string, Pod]>([
  ['a start after a good end', podOf({ ...again, lastState: { terminated: { exitCode: 0 } } })],
  ['a start of long ago', podOf({ ...again, state: { running: { startedAt: '2025-12-31T00:00:00Z' } } })],
  ['a readiness probe that passes', podOf(again, { readinessProbe: { tcpSocket: { port: 80 } } })],
])('%s counts as ready', (_name, pod) => {
  expect(seen(pod).ready).toBe(true)
})

const crash = { terminated: { exitCode: 1 } }
test.each<[string, ContainerStatus]>([
  ['ended just now', { name: 'app', ready: false, restartCount: 0, state: crash }],
  [
    'waits to be restarted',
    { ...again, ready: false, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: crash },
  ],
])('a container that %s is not ready, whatever its workload reports', (_name, status) => {
  expect(seen(podOf(status, { readinessProbe: { tcpSocket: { port: 80 } } })).ready).toBe(false)
})

test('a pod that ended and was replaced is ignored', () => {
  const old = podOf({ name: 'app', ready: false, restartCount: 0, state: crash })
  expect(seen({ ...old, status: { ...old.status, phase: 'Failed' } }).ready).toBe(true)
})
