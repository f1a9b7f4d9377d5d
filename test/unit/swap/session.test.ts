import { expect, onTestFinished, test } from 'vitest'
import { frameType } from '../../../src/agent/frames.ts'
import { type AgentStream, agentStream, StreamFailure } from '../../../src/agent/stream.ts'
import type { KubeObject } from '../../../src/kube/api.ts'
import { prepareSwap } from '../../../src/swap/session.ts'
import { stackKube } from '../stack/support.ts'
import { service } from './support.ts'

const ref = { apiVersion: 'v1', kind: 'Service', namespace: 'shop', name: 'api' }
const sliceKind = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' }
const slice = { ...sliceKind, namespace: 'shop', name: 'api-devk-swap' }

/** The endpoints of a pod, as the controller writes them when the selector matches pods again. */
const podSlice: KubeObject = {
  ...sliceKind,
  metadata: { name: 'api-x', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'api' } },
  endpoints: [{ addresses: ['10.244.0.3'], targetRef: { name: 'api-1' } }],
}

const managed = { managedFields: service().metadata.managedFields ?? [] }

interface Opened {
  readonly node: string
  readonly target: string
  readonly stream: AgentStream
  /** What devk has sent in it. */
  readonly sent: string[]
}

/** Agents whose streams the test opens. The one that leads Services back confirms the end of its stream. */
function fakeAgents() {
  const opened: Opened[] = []
  return {
    opened,
    async open(_mode: string, node: string, target: string) {
      const sent: string[] = []
      const stream: AgentStream = agentStream(
        (type) => {
          sent.push(type)
          if (type === frameType.end) stream.onEnd()
        },
        () => {},
      )
      opened.push({ node, target, stream, sent })
      return stream
    },
  }
}

/** The cluster in memory merges what is applied. The server replaces selectors, and takes away what is not applied. */
function withoutSwap(object: KubeObject): KubeObject {
  if (object.kind !== 'Service') return object
  const none = { 'devk.dev/swap': null as unknown as string }
  const selector = { ...none, ...(object.spec as { selector: object }).selector }
  const metadata = { ...object.metadata, annotations: { ...none, ...object.metadata.annotations } }
  return { ...object, metadata, spec: { ...(object.spec as object), selector } }
}

/** A swap of a Service in a cluster in memory with two nodes. */
function setup() {
  const kube = stackKube({
    kinds: { 'discovery.k8s.io/v1 EndpointSlice': true },
    objects: [service(), podSlice],
    onApply: withoutSwap,
  })
  const agents = fakeAgents()
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const failures: string[] = []
  const preparing = prepareSwap(
    {
      ...{ kube, project: 'todo', agents, nodes: ['one', 'two'], plane: 'one', kubectl: ['kubectl', '--x'] },
      service: { namespace: 'shop', name: 'api' },
      ports: [{ name: 'http', port: 80, target: 8080, local: 3000 }],
      connect: () => expect.unreachable(),
      onFailed: (node) => failures.push(node),
    },
    stop.signal,
  )
  preparing.catch(() => {})
  const restorers = () => agents.opened.filter(({ target }) => target.startsWith('{'))
  const listeners = () => agents.opened.filter(({ target }) => target.startsWith('listen '))
  const { signal } = new AbortController()
  return { kube, agents, stop, preparing, restorers, listeners, failures, signal, now: () => kube.peek(ref) }
}

/** The same, prepared. */
async function prepared() {
  const all = setup()
  await expect.poll(() => [all.restorers().length, all.listeners().length]).toEqual([1, 2])
  for (const { stream } of all.agents.opened) stream.onOpened()
  return { ...all, session: await all.preparing }
}

test('every node listens, and an agent is there that leads the Service back, before anything changes', async () => {
  const { kube, restorers, listeners } = await prepared()
  expect(JSON.parse(restorers()[0]?.target ?? '')).toEqual({
    ...{ kubectl: ['kubectl', '--x'], namespace: 'shop', name: 'api' },
    session: expect.stringMatching(/^[0-9a-f]{16}$/),
  })
  const [one, two] = listeners()
  expect([one?.node, two?.node, one?.target]).toEqual(['one', 'two', two?.target])
  expect(one?.target).toMatch(/^listen 2\d{4}$/)
  expect(kube.writes).toEqual([])
})

test('lead leads the Service to the port of the nodes, and end leads it back and leaves nothing', async () => {
  const { kube, session, listeners, restorers, signal, now } = await prepared()
  await session.lead()
  const port = Number(listeners()[0]?.target.split(' ')[1])
  expect(kube.peek(slice)).toMatchObject({
    ports: [{ name: 'http', port }],
    endpoints: [{ addresses: ['198.18.68.75'] }],
  })
  const { session: name } = JSON.parse(restorers()[0]?.target ?? '')
  expect(now()?.spec).toMatchObject({ selector: { app: 'api', 'devk.dev/swap': name } })
  expect(await session.end(true, signal)).toEqual([])
  expect(now()?.spec).toEqual(service().spec)
  expect(kube.peek(slice)).toBeUndefined()
  expect(restorers()[0]?.sent).toEqual([frameType.end])
})

test('devk up and devk down know the kind of the endpoints before they are written', async () => {
  const { kube, session } = await prepared()
  await session.lead()
  const list = kube.writes.indexOf('apply ConfigMap devk-system/devk-todo')
  expect(list).toBeGreaterThanOrEqual(0)
  expect(list).toBeLessThan(kube.writes.indexOf('apply EndpointSlice shop/api-devk-swap'))
})

test('a session that ends before it has led changes nothing', async () => {
  const { kube, session, signal, restorers } = await prepared()
  expect(await session.end(false, signal)).toEqual([])
  expect(kube.writes).toEqual([])
  expect(restorers()[0]?.sent).toEqual([frameType.end])
})

test('a deployment that leads the Service back does not end the swap, and its changes stay', async () => {
  const { kube, session, now, signal } = await prepared()
  const before = now() as KubeObject
  await session.lead()
  kube.put({ ...before, spec: { ...(before.spec as object), selector: { app: 'api-2' } } })
  await expect
    .poll(() => now()?.spec)
    .toMatchObject({ selector: { app: 'api-2', 'devk.dev/swap': expect.any(String) } })
  expect(await session.end(false, signal)).toEqual([])
  expect(now()?.spec).toMatchObject({ selector: { app: 'api-2' } })
  expect(kube.peek(slice)).toBeUndefined()
})

test('endpoints that a deployment deletes after the Service is led here again are written again', async () => {
  const { kube, session, now, signal } = await prepared()
  await session.lead()
  const led = now() as KubeObject
  // The cluster in memory does not keep which fields devk has applied.
  kube.put({ ...led, metadata: { ...led.metadata, ...managed } })
  kube.remove(slice)
  await expect.poll(() => kube.peek(slice)).toBeDefined()
  expect(await session.end(false, signal)).toEqual([])
  expect(kube.peek(slice)).toBeUndefined()
})

test('a Service that is deleted ends the swap', async () => {
  const { kube, session } = await prepared()
  await session.lead()
  kube.remove(ref)
  expect(await session.lost).toBe('Service shop/api was deleted')
})

test('another swap takes over, and the first one leaves what is not its own', async () => {
  const { kube, session, now, signal } = await prepared()
  await session.lead()
  const own = now() as KubeObject
  const note = JSON.parse(own.metadata.annotations?.['devk.dev/swap'] ?? '')
  const text = JSON.stringify({ ...note, session: 'other' })
  kube.put({ ...own, metadata: { ...own.metadata, annotations: { 'devk.dev/swap': text } } })
  const theirs = kube.peek(slice) as KubeObject
  kube.put({ ...theirs, metadata: { ...theirs.metadata, labels: { 'devk.dev/swap': 'other' } } })
  expect(await session.lost).toBe('another devk swap has taken Service shop/api')
  const { length } = kube.writes
  await session.end(false, signal)
  expect(kube.writes.slice(length)).toEqual([])
})

test('what the end cannot do is said, and the agent stays that does it', async () => {
  const { kube, session, restorers } = await prepared()
  await session.lead()
  const gone = AbortSignal.abort(new Error('no answer'))
  expect(await session.end(false, gone)).toEqual([
    expect.stringMatching(/Service shop\/api could not be led back; .*no answer/),
  ])
  expect(restorers()[0]?.sent).toEqual([])
  expect(kube.peek(slice)).toBeDefined()
})

test('an EndpointSlice of somebody else is not replaced', async () => {
  const { kube, session, now } = await prepared()
  kube.put({ ...sliceKind, metadata: { name: slice.name, namespace: 'shop' } })
  const before = now()
  await expect(session.lead()).rejects.toMatchObject({ code: 'OBJECT_FOREIGN' })
  expect(now()).toEqual(before)
})

test('a port that a node has already is left, and all nodes listen at another one', async () => {
  const { agents, preparing, restorers, listeners } = setup()
  await expect.poll(() => [restorers().length, listeners().length]).toEqual([1, 2])
  restorers()[0]?.stream.onOpened()
  const [one, two] = listeners()
  one?.stream.onOpened()
  two?.stream.onBreak(new StreamFailure(98, 'address already in use'))
  await expect.poll(() => listeners().length).toBe(4)
  expect(listeners()[2]?.target).not.toBe(one?.target)
  for (const { stream } of agents.opened) stream.onOpened()
  await preparing
})

test('a node that cannot listen for another reason ends the attempt', async () => {
  const { preparing, restorers, listeners } = setup()
  await expect.poll(() => [restorers().length, listeners().length]).toEqual([1, 2])
  restorers()[0]?.stream.onOpened()
  listeners()[1]?.stream.onBreak(new StreamFailure(1, 'operation not permitted'))
  await expect(preparing).rejects.toMatchObject({ code: 'NOT_READY', message: 'operation not permitted' })
})

test('the agent that leads the Service back starts again when its node has restarted', async () => {
  const { restorers } = await prepared()
  restorers()[0]?.stream.onBreak(new Error('the node restarted'))
  await expect.poll(() => restorers().length, { timeout: 5000 }).toBe(2)
  expect(restorers()[1]?.target).toBe(restorers()[0]?.target)
})
