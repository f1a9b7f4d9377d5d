import { afterEach, expect, test } from 'vitest'
import { type ApiServer, apiServer, json, type Routes, status } from '../http-server.ts'

let api: ApiServer
const start = async (routes: Routes) => {
  api = await apiServer(routes)
  return api.kube
}
afterEach(() => api.close())

const { signal } = new AbortController()
const verbs = ['get', 'list', 'delete']
const crons = { name: 'cronjobs', kind: 'CronJob', namespaced: true, verbs }
const batch = {
  preferredVersion: { groupVersion: 'batch/v1' },
  versions: [{ groupVersion: 'batch/v2alpha1' }, { groupVersion: 'batch/v1' }],
}
const items = [{ metadata: { name: 'a', namespace: 'shop', uid: '1' } }]

test('an object that was applied in a version which is no longer served is found in the preferred one', async () => {
  const kube = await start({
    'GET /apis/batch/v1beta1': status(404, {}),
    'GET /apis/batch': json(200, batch),
    'GET /apis/batch/v1': json(200, { resources: [crons] }),
    'GET /apis/batch/v1/cronjobs': json(200, { items, metadata: { resourceVersion: '1' } }),
    'GET /apis/batch/v1/namespaces/shop/cronjobs/a': json(200, { kind: 'CronJob', ...items[0] }),
    'DELETE /apis/batch/v1/namespaces/shop/cronjobs/a': json(200, {}),
  })
  const stale = { apiVersion: 'batch/v1beta1', kind: 'CronJob' }
  expect(await kube.list(stale, { signal })).toEqual([{ apiVersion: 'batch/v1', kind: 'CronJob', ...items[0] }])
  const ref = { ...stale, namespace: 'shop', name: 'a' }
  expect((await kube.get(ref, signal))?.metadata.uid).toBe('1')
  await kube.delete(ref, { uid: '1', propagation: 'Background', signal })
  expect(api.calls.at(-1)).toBe('DELETE /apis/batch/v1/namespaces/shop/cronjobs/a')
  // Manifests must name a version that the server has: the fields of another one may differ.
  const object = { ...stale, metadata: { name: 'a', namespace: 'shop' } }
  await expect(kube.apply(object, { force: true, signal })).rejects.toMatchObject({ code: 'KUBE_API' })
})

test('the kinds of the server come in its preferred versions, without those that cannot be listed or deleted', async () => {
  const review = { name: 'reviews', kind: 'Review', namespaced: false, verbs: ['create'] }
  const old = { name: 'olds', kind: 'Old', namespaced: false, verbs }
  const kube = await start({
    'GET /api/v1': json(200, { resources: [{ name: 'pods', kind: 'Pod', namespaced: true, verbs }, review] }),
    'GET /apis': json(200, { groups: [batch, { versions: [{ groupVersion: 'down.example.com/v1' }] }] }),
    'GET /apis/batch/v1': json(200, { resources: [crons, { ...crons, name: 'cronjobs/status' }] }),
    'GET /apis/batch/v2alpha1': json(200, { resources: [crons, old] }),
    'GET /apis/down.example.com/v1': status(503, {}),
  })
  expect(await kube.kinds(signal)).toEqual([
    { apiVersion: 'v1', kind: 'Pod', namespaced: true },
    { apiVersion: 'batch/v1', kind: 'CronJob', namespaced: true },
    { apiVersion: 'batch/v2alpha1', kind: 'Old', namespaced: false },
  ])
})
