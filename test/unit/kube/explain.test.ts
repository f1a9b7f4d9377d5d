import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { explainController, explainPod, type PodFacts, tellingLine } from '../../../src/kube/explain.ts'
import type { KubeEvent, Pod } from '../../../src/kube/pod.ts'
import { probeFailure } from '../../../src/kube/probe.ts'

/** Pods and their events from Kubernetes 1.34.4, recorded with `kubectl get -o json` and reduced to the fields that are read. */
const recorded: Record<string, PodFacts> = JSON.parse(
  readFileSync(new URL('../../fixtures/kube/pods.json', import.meta.url), 'utf8'),
)

const lines = ['starting', 'Traceback (most recent call last):', 'ValueError: no database', '']

test.each([
  ['good', undefined],
  ['jobgood', undefined],
  ['badimage', 'image 127.0.0.1:9/nope:1 cannot be pulled: dial tcp 127.0.0.1:9: connect: connection refused'],
  ['badname', 'image "Nope Nope" is not a valid name'],
  ['neverpull', 'image nope:1 is not on the node, and its pull policy is Never'],
  ['cpu', 'cannot be scheduled: 0/1 nodes are available: 1 Insufficient cpu'],
  ['selector', "cannot be scheduled: 0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector"],
  ['nopvc', 'cannot be scheduled: 0/1 nodes are available: persistentvolumeclaim "gone" not found'],
  ['crash', 'exited with code 3: ValueError: no database'],
  ['exits0', 'exited with code 0, but must keep running: ValueError: no database'],
  ['jobfail', 'exited with code 4: ValueError: no database'],
  ['initcrash', 'init container migrate exited with code 2: relation users exists'],
  ['oom', 'was killed for using more memory than its limit of 20Mi'],
  ['nocommand', 'cannot be started: exec: "/nope": stat /nope: no such file or directory'],
  ['workdir', 'cannot be started: error during container init: mkdir /etc/passwd: not a directory'],
  ['nosecret', 'cannot be started: secret "gone" not found'],
  ['nokey', "cannot be started: couldn't find key B in Secret rec/there"],
  ['nomap', 'cannot be started: configmap "gone" not found'],
  ['nonroot', 'cannot be started: container has runAsNonRoot and image will run as root'],
  ['novolume', 'cannot mount volume "v": secret "gone" not found'],
  ['readiness', 'readiness /ready on port 8000 fails: connection refused'],
  ['ready503', 'readiness /ready answers 503'],
  ['readyexec', 'readiness command fails: database unreachable'],
  ['startup', 'startup on port 8000 fails: connection refused'],
  ['liveness', 'restarts repeatedly: liveness on port 8000 fails: connection refused'],
])('%s is explained as %s', (name, words) => {
  const facts = recorded[name] as PodFacts
  expect(explainPod({ ...facts, logs: { app: lines, migrate: ['relation users exists'] } })).toBe(words)
})

test('a failed pull names the policy that asks a registry although the node may have the image', () => {
  const { pod, events } = structuredClone(recorded.badimage) as PodFacts
  for (const container of pod.spec?.containers ?? []) container.imagePullPolicy = 'Always'
  expect(explainPod({ pod, events })).toMatch(
    /^image 127.0.0.1:9\/nope:1 cannot be pulled \(its pull policy is Always, so the node must ask\): dial tcp/,
  )
})

test('a probe that failed before the last start is not the reason', () => {
  const { pod, events } = recorded.readiness as PodFacts
  const old = events.map((event) => ({ ...event, lastTimestamp: '2000-01-01T00:00:00Z' }))
  expect(explainPod({ pod, events: old })).toBeUndefined()
})

test.each([
  [139, undefined, 'was terminated by SIGSEGV'],
  [137, undefined, 'was terminated by SIGKILL'],
  [1, 6, 'was terminated by SIGABRT'],
  [200, undefined, 'exited with code 200'],
])('exit code %s with signal %s is explained as %s', (exitCode, signal, words) => {
  const terminated = { exitCode, reason: 'Error', ...(signal === undefined ? {} : { signal }) }
  const pod: Pod = {
    ...(recorded.crash as PodFacts).pod,
    status: { containerStatuses: [{ name: 'app', restartCount: 1, state: { terminated } }] },
  }
  expect(explainPod({ pod, events: [] })).toBe(words)
})

test('an evicted pod and a pod of a lost node are explained', () => {
  const base = (recorded.good as PodFacts).pod
  const evicted: Pod = {
    ...base,
    status: { phase: 'Failed', reason: 'Evicted', message: 'The node was low on memory.' },
  }
  expect(explainPod({ pod: evicted, events: [] })).toBe('was removed (Evicted): The node was low on memory.')
  const lost: Pod = { ...base, status: { conditions: [{ type: 'Ready', status: 'False' }] } }
  const event = { type: 'Warning', reason: 'NodeNotReady', metadata: { name: 'e' }, apiVersion: 'v1', kind: 'Event' }
  expect(explainPod({ pod: lost, events: [event] })).toBe('its node h-stack-control-plane is not ready')
})

test('pods that cannot be created are explained', () => {
  const event = (message: string, lastTimestamp: string): KubeEvent => ({
    ...{ apiVersion: 'v1', kind: 'Event', metadata: { name: 'e' } },
    ...{ type: 'Warning', reason: 'FailedCreate', message, lastTimestamp },
  })
  const quota = 'exceeded quota: small, requested: pods=1, used: pods=0, limited: pods=0'
  const events = [
    event('Error creating: pods "a-" is forbidden: error looking up service account x/y', '2026-01-01T00:00:00Z'),
    event(
      `(combined from similar events): Error creating: pods "quota-1" is forbidden: ${quota}`,
      '2026-01-01T00:00:05Z',
    ),
  ]
  expect(explainController(events)).toBe(`its pods are rejected: ${quota}`)
  expect(explainController([])).toBeUndefined()
})

test.each([
  [['Error: x', '    at f (a.js:1)', '', 'Node.js v24.1.0'], 'Error: x'],
  [['panic: runtime error', 'goroutine 1 [running]:'], 'panic: runtime error'],
  [['no such thing', 'bye'], 'bye'],
  [[' ', ''], undefined],
])('of the log %j the line %s is shown', (log, line) => {
  expect(tellingLine(log)).toBe(line)
})

test.each([
  [
    { httpGet: { port: 'web' } },
    'Get "http://10.0.0.1:80/": context deadline exceeded',
    'readiness / on port web fails: context deadline exceeded',
  ],
  [
    { grpc: { port: 9 } },
    'timeout: failed to connect',
    'readiness by gRPC on port 9 fails: timeout: failed to connect',
  ],
  [{ exec: { command: ['x'] } }, '', 'readiness command fails: no output'],
])('a failure of the probe %j with the message %j is explained', (readinessProbe, said, words) => {
  expect(probeFailure({ name: 'a', readinessProbe }, `Readiness probe failed: ${said}`)).toBe(words)
})
