import { Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import type { Debugger } from '../../../src/debug/debugger.ts'
import { isHeld, isMarked } from '../../../src/debug/hold.ts'
import { debugSession } from '../../../src/debug/session.ts'
import type { KubeObject, PodStreams } from '../../../src/kube/api.ts'
import { rolledOut, stackKube } from '../stack/support.ts'

const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' }
const fieldsV1 = { 'f:spec': { 'f:replicas': {}, 'f:template': { 'f:spec': { 'f:containers': {} } } } }
const managedFields = [{ manager: 'devk', operation: 'Apply', fieldsV1 }]
const deployment = (container: object): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', managedFields },
  spec: { selector: { matchLabels: {} }, replicas: 1, template: { spec: { containers: [container] } } },
  status: rolledOut,
})
const pod = (name: string, state: object = { running: {} }): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop' },
  spec: { containers: [{ name: 'web', image: 'web:1' }] },
  status: { containerStatuses: [{ name: 'web', ready: false, state }] },
})
const probe = { tcpSocket: { port: 80 } }

/** A session in a cluster in memory, with a debugger that only counts. */
function setup(container: object, own = false) {
  const kube = stackKube({ objects: [deployment(container), pod('web-1')] })
  const calls: string[] = []
  const debug: Debugger = {
    ...{ runtime: 'node', defaultPort: 9229, why: 'to be debugged' },
    isPrepared: isHeld,
    async open(_run, place) {
      calls.push(`open ${place.pod.name}`)
      return { port: 9229, own, text: 'Node', cwd: '/app' }
    },
    async close(connect, signal) {
      await connect(signal)
    },
  }
  const connect: PodStreams['connect'] = async (to, port) => {
    calls.push(`close ${to.name}:${port}`)
    return new Duplex()
  }
  let newest = 'web-1'
  const { signal } = new AbortController()
  const session = debugSession({
    ...{ kube, debug, container: 'web', clock: Date.now, timeoutMs: 5000, signal },
    streams: { connect } as PodStreams,
    run: async () => undefined,
    workload: async () => ({ ...(kube.peek(ref) as KubeObject) }),
    pod: async () => kube.peek({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: newest }) as never,
    pods: async () => [],
    onWait: (reason) => void calls.push(reason),
  })
  const replace = (name: string) => {
    kube.remove({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: newest })
    kube.put(pod(name))
    newest = name
  }
  return { kube, session, calls, replace, deployed: () => kube.peek(ref) as KubeObject, signal }
}

test('connections at the same time open one debugger, and a pod that is stopped stays the one', async () => {
  const { session, calls } = setup({ name: 'web', image: 'web:1' })
  await Promise.all([session.attach(), session.attach()])
  expect(calls).toEqual(['open web-1'])
  await session.attach()
  expect(calls).toEqual(['open web-1', 'open web-1'])
})

test('a workload with a probe that restarts is changed first, and again when an up has changed it back', async () => {
  const { kube, session, calls, replace, deployed } = setup({ name: 'web', image: 'web:1', livenessProbe: probe })
  const original = deployed()
  // The cluster in memory merges what is applied, so the session writes lists, which it replaces.
  await session.attach()
  expect(calls).toEqual(['Deployment web gets new pods, to be debugged', 'open web-1'])
  expect([isMarked(deployed()), isHeld(deployed(), 'web')]).toEqual([true, true])
  kube.put({ ...original, metadata: { ...original.metadata, annotations: {} } })
  replace('web-2')
  expect((await session.attach()).place.pod.name).toBe('web-2')
  expect([isMarked(deployed()), isHeld(deployed(), 'web')]).toEqual([true, true])
})

test('the end closes the debugger and gives the workload back', async () => {
  const { session, calls, deployed, signal } = setup({ name: 'web', image: 'web:1', livenessProbe: probe })
  const { spec } = deployed()
  await session.attach()
  expect(await session.end(signal)).toEqual([])
  expect(calls.at(-1)).toBe('close web-1:9229')
  expect(deployed().spec).toEqual(spec)
})

test('a debugger that the command of the program has opened stays open', async () => {
  const { session, calls, signal } = setup({ name: 'web', image: 'web:1' }, true)
  await session.attach()
  await session.end(signal)
  expect(calls).toEqual(['open web-1'])
})

test('what the end cannot do is said, and the rest is done', async () => {
  const { kube, session, signal } = setup({ name: 'web', image: 'web:1' })
  await session.attach()
  kube.remove(ref)
  expect(await session.end(signal)).toEqual([expect.stringMatching(/could not be changed back; devk up does that: /)])
})

test('a session that ends before it has begun changes nothing', async () => {
  const { kube, session, signal } = setup({ name: 'web', image: 'web:1' })
  expect(await session.end(signal)).toEqual([])
  expect(kube.writes).toEqual([])
})
