import { expect, test } from 'vitest'
import { DevkError } from '../../../../src/errors.ts'
import { startChanges } from './changes-support.ts'

test('a service neither waits for the build of another one, nor takes its new image', async () => {
  const { changes, sources, builds, applied, waits, settle, never } = startChanges()
  sources.web = '1'
  const web = changes.rebuild('web', never)
  await settle()
  sources.api = '1'
  const api = changes.rebuild('api', never)
  await settle()
  builds[1]?.resolve()
  await settle()
  expect(applied).toEqual(['api:1 web:0 to api'])
  waits[0]?.resolve()
  expect(await api).toEqual([
    { name: 'built', ms: 5 },
    { name: 'ready', ms: 7 },
  ])
  builds[0]?.reject(new Error('no such package'))
  await expect(web).rejects.toThrow('no such package')
})

test('a service does not wait until another one is ready', async () => {
  const { changes, sources, builds, applied, settle, never } = startChanges()
  sources.web = '1'
  void changes.rebuild('web', never)
  await settle()
  builds[0]?.resolve()
  await settle()
  sources.api = '1'
  void changes.rebuild('api', never)
  await settle()
  builds[1]?.resolve()
  await settle()
  expect(applied).toEqual(['api:0 web:1 to web', 'api:1 web:1 to api'])
})

test('the older image never replaces the newer one', async () => {
  const { changes, sources, builds, applied, settle, never } = startChanges()
  sources.api = '1'
  void changes.redeploy(new Set(), never)
  await settle()
  sources.api = '2'
  void changes.rebuild('api', never)
  await settle()
  expect(builds.map(({ name }) => name)).toEqual(['api:1', 'api:2'])
  builds[1]?.resolve()
  await settle()
  builds[0]?.resolve()
  await settle()
  expect(applied).toEqual(['api:2 web:0 to api', 'api:2 web:0 to api web'])
})

test('a redeploy applies everything but the image that cannot be built, and says which', async () => {
  const { changes, sources, builds, applied, waits, state, settle, never } = startChanges()
  sources.api = '1'
  state.broken.add('web')
  const redeploying = changes.redeploy(new Set(), never)
  await settle()
  builds[0]?.resolve()
  await settle()
  waits[0]?.resolve()
  expect((await redeploying).failed).toEqual([{ service: 'web', error: new Error('web has no Dockerfile') }])
  expect(applied).toEqual(['api:1 web:0 to api web'])
})

test('a redeploy that waits for a broken service gives way to what repairs it, and is done again', async () => {
  const { changes, sources, builds, applied, state, settle, never } = startChanges()
  const { promise, resolve } = Promise.withResolvers<void>()
  state.holdApply = promise
  void changes.redeploy(new Set(), never)
  await settle()
  sources.api = '1'
  void changes.rebuild('api', never)
  await settle()
  state.holdApply = undefined
  builds[0]?.resolve()
  await settle()
  expect(applied).toEqual(['api:1 web:0 to api', 'api:1 web:0 to api web'])
  resolve()
})

test('a change that is no longer wanted is not applied, and others go on', async () => {
  const { changes, sources, builds, applied, settle, never } = startChanges()
  const overtaken = new AbortController()
  sources.api = '1'
  const first = changes.rebuild('api', overtaken.signal)
  await settle()
  overtaken.abort(new Error('overtaken'))
  await expect(first).rejects.toThrow('overtaken')
  sources.api = '2'
  void changes.rebuild('api', never)
  await settle()
  builds[1]?.resolve()
  await settle()
  expect(applied).toEqual(['api:2 web:0 to api'])
})

test('a rebuild makes the images again that are built from the service, and applies them together', async () => {
  const { changes, sources, builds, waits, applied, settle, never } = startChanges({ of: 'web', base: 'api' })
  Object.assign(sources, { api: '1', web: '1' })
  const done = changes.rebuild('api', never)
  await settle()
  expect(builds.map(({ name }) => name)).toEqual(['api:1'])
  builds[0]?.resolve()
  await settle()
  expect(builds.map(({ name }) => name)).toEqual(['api:1', 'web:1'])
  builds[1]?.resolve()
  await settle()
  expect(applied).toEqual(['api:1 web:1 to api web'])
  waits[0]?.resolve()
  await done
})

test('a mistake in the manifests fails a redeploy, but not the rebuild of a service, which reports it', async () => {
  const { changes, sources, builds, applied, waits, state, settle, never } = startChanges()
  state.mistake = new DevkError('MANIFEST_INVALID', 'k8s/web.yaml:3: no such field')
  await expect(changes.redeploy(new Set(), never)).rejects.toBe(state.mistake)
  sources.api = '1'
  const api = changes.rebuild('api', never)
  await settle()
  builds[0]?.resolve()
  await settle()
  expect(applied).toEqual(['api:1 web:0 to api'])
  expect(state.warnings).toEqual(['k8s/web.yaml:3: no such field'])
  waits[0]?.resolve()
  await api
})

test('a redeploy reports that it is applied before everything is ready, and a rebuild does not', async () => {
  const { changes, sources, builds, waits, state, settle, never } = startChanges()
  const redeploying = changes.redeploy(new Set(), never)
  await settle()
  expect([waits.length, state.notified]).toEqual([1, 1])
  waits[0]?.resolve()
  await redeploying
  sources.api = '1'
  const api = changes.rebuild('api', never)
  await settle()
  builds[0]?.resolve()
  await settle()
  waits[1]?.resolve()
  await api
  expect(state.notified).toBe(1)
})

test.each([1, 2, 5])(
  'sources that change during %s builds are read and built again, three times at most',
  async (n) => {
    const { changes, sources, builds, state, settle, never } = startChanges()
    state.changing = n
    sources.api = '1'
    void changes.rebuild('api', never)
    await settle()
    expect(builds.map(({ name }) => name)).toEqual(['api:1'])
    expect(state.changing).toBe(Math.max(0, n - 2))
  },
)
