import { afterEach, expect, test } from 'vitest'
import { DevkError } from '../../../../src/errors.ts'
import type { KubeObject, ObjectRef } from '../../../../src/kube/api.ts'
import { statusOf } from '../../../../src/kube/client/client.ts'
import { type ApiServer, apiServer, json, type Routes, status } from '../http-server.ts'

let api: ApiServer
const start = async (routes: Routes, timeoutMs?: number) => {
  api = await apiServer(routes, timeoutMs)
  return api.kube
}
afterEach(() => api.close())

const { signal } = new AbortController()
const ref: ObjectRef = { apiVersion: 'v1', kind: 'Pod', namespace: 'todo', name: 'a' }
const pod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', namespace: 'todo', managedFields: [{ manager: 'kubectl' }] },
}
const path = '/api/v1/namespaces/todo/pods/a'

test('a kind is looked up once, and again when it was unknown', async () => {
  let applied = false
  const widgets = { resources: [{ name: 'widgets', kind: 'Widget', namespaced: false }] }
  const kube = await start({
    'GET /apis/x.io/v1': (...call) => (applied ? json(200, widgets) : status(404, {}))(...call),
    'GET /apis/x.io/v1/widgets': json(200, { items: null, metadata: { resourceVersion: '1' } }),
  })
  const widget = { apiVersion: 'x.io/v1', kind: 'Widget' }
  expect(await kube.list(widget, { signal })).toEqual([])
  applied = true
  expect(await kube.namespaced(widget, signal)).toBe(false)
  await Promise.all([kube.list(widget, { signal }), kube.list(widget, { signal })])
  expect(api.calls.filter((call) => call === 'GET /apis/x.io/v1')).toHaveLength(2)
})

test('items of a list have their kind, and selectors are sent', async () => {
  const items = [{ metadata: { name: 'a' } }]
  const kube = await start({
    'GET /api/v1/namespaces/todo/pods': json(200, { items, metadata: { resourceVersion: '1' } }),
  })
  const listed = await kube.list(
    { apiVersion: 'v1', kind: 'Pod' },
    { namespace: 'todo', labels: 'a=b', fields: 'spec.nodeName=n', signal },
  )
  expect(listed).toEqual([{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } }])
  expect(api.calls.at(-1)).toBe('GET /api/v1/namespaces/todo/pods?labelSelector=a%3Db&fieldSelector=spec.nodeName%3Dn')
})

test('apply is server-side and strict, and gives no managedFields', async () => {
  let sent: unknown
  const kube = await start({
    [`PATCH ${path}`]: (request, response, body) => {
      sent = { type: request.headers['content-type'], body: JSON.parse(body) }
      json(200, pod)(request, response, body)
    },
  })
  await kube.apply(pod, { force: true, dryRun: true, signal })
  expect(api.calls.at(-1)).toBe(`PATCH ${path}?fieldManager=devk&force=true&fieldValidation=Strict&dryRun=All`)
  expect(sent).toEqual({
    type: 'application/apply-patch+yaml',
    body: { ...pod, metadata: { name: 'a', namespace: 'todo' } },
  })
})

test('a conflict names the other manager and the fields', async () => {
  const causes = [
    { reason: 'FieldManagerConflict', field: '.spec.a', message: 'conflict with "kubectl" using v1' },
    { reason: 'FieldManagerConflict', field: '.spec.b', message: 'conflict with "helm" using v1' },
  ]
  const kube = await start({ [`PATCH ${path}`]: status(409, { reason: 'Conflict', details: { causes } }) })
  const error = await kube.apply(pod, { force: false, signal }).catch((caught) => caught)
  expect(error).toBeInstanceOf(DevkError)
  expect(error.message).toBe('Pod todo/a: fields are managed by "kubectl"')
  expect(error.details).toEqual(['.spec.a  conflict with "kubectl" using v1', '.spec.b  conflict with "helm" using v1'])
  expect(statusOf(error)).toBe(409)
})

test('an error has the message of the server', async () => {
  const kube = await start({ [`PATCH ${path}`]: status(500, { message: '.spec.imag: field not declared in schema' }) })
  const failing = kube.apply(pod, { force: false, signal })
  await expect(failing).rejects.toThrow('Pod todo/a: .spec.imag: field not declared in schema')
})

test('a delete has the UID as a precondition, and one for an earlier object does nothing', async () => {
  let sent: unknown
  const conflict = status(409, { reason: 'Conflict' })
  const kube = await start({
    [`DELETE ${path}`]: (request, response, body) => {
      sent = JSON.parse(body)
      conflict(request, response, body)
    },
    [`GET ${path}`]: json(200, { ...pod, metadata: { name: 'a', uid: 'new' } }),
  })
  await kube.delete(ref, { uid: 'old', propagation: 'Foreground', signal })
  expect(sent).toMatchObject({ preconditions: { uid: 'old' }, propagationPolicy: 'Foreground' })
  await expect(kube.delete(ref, { uid: 'new', propagation: 'Foreground', signal })).rejects.toThrow()
})

test('a missing object is undefined', async () => {
  const kube = await start({})
  expect(await kube.get(ref, signal)).toBeUndefined()
  await kube.delete(ref, { uid: 'x', propagation: 'Background', signal })
  await expect(kube.patch({ ...ref, kind: 'Widget' }, {}, signal)).rejects.toThrow('does not serve kind Widget in v1')
})

test('a request on a closed connection is sent again', async () => {
  let calls = 0
  const kube = await start({
    [`GET ${path}`]: (request, response, body) => {
      calls += 1
      if (calls === 1) request.socket.resetAndDestroy()
      else json(200, pod)(request, response, body)
    },
  })
  expect(await kube.get(ref, signal)).toEqual(pod)
})

test('a request that the server delays is repeated', async () => {
  let calls = 0
  const kube = await start({
    [`GET ${path}`]: (request, response, body) => {
      calls += 1
      if (calls === 1) response.writeHead(429, { 'Retry-After': '0' }).end()
      else json(200, pod)(request, response, body)
    },
  })
  expect(await kube.get(ref, signal)).toEqual(pod)
})

test('a server that does not answer is an error after the timeout', async () => {
  const kube = await start({ [`GET ${path}`]: () => {} }, 50)
  await expect(kube.get(ref, signal)).rejects.toThrow(/did not respond to GET .*\(no answer in 0.05 s\)/)
})

test('an abort rejects with the reason of the signal', async () => {
  const stop = new AbortController()
  const kube = await start({ [`GET ${path}`]: () => stop.abort(new Error('enough')) })
  await expect(kube.get(ref, stop.signal)).rejects.toThrow('enough')
})

test('a log stream has no timeout, and ends with the signal', async () => {
  const stop = new AbortController()
  await start({ [`GET ${path}/log`]: (_request, response) => void response.write('a\n') }, 50)
  const stream = await api.http.open({ method: 'GET', path: `${path}/log`, signal: stop.signal })
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(String(stream.read())).toBe('a\n')
  const closed = new Promise((resolve) => stream.once('close', resolve))
  stream.on('error', () => {})
  stop.abort()
  await closed
})
