import { expect, test } from 'vitest'
import { startSession as start } from './session-support.ts'

test('a save rebuilds its own service only, and a manifest applies the whole stack', async () => {
  const { log, saves, end } = await start([undefined])
  await saves('/p/api/main.py')
  expect(log).toEqual(['rebuilding api', 'builds api', 'ready api'])
  log.length = 0
  await saves('/p/k8s/api.yaml')
  expect(log).toEqual(['redeploying: api.yaml changed', 'redeployed'])
  await end()
})

test('a redeploy that failed is tried again with the next save of any service, until it succeeds', async () => {
  const { log, saves, end } = await start([new Error('no such Secret'), undefined])
  await saves('/p/k8s/api.yaml')
  expect(log).toEqual(['redeploying: api.yaml changed', 'failed redeploy: no such Secret'])
  log.length = 0
  await saves('/p/web/index.html')
  expect(log).toContain('redeploying: api.yaml changed')
  expect(log).toContain('redeployed')
  log.length = 0
  await saves('/p/web/index.html')
  expect(log).toEqual(['rebuilding web', 'builds web', 'ready web'])
  await end()
})

test('saving a file again without a change tries a failed redeploy again', async () => {
  const { log, saves, savesAgain, end } = await start([new Error('no such Secret'), undefined])
  await saves('/p/k8s/api.yaml')
  log.length = 0
  await savesAgain('/p/k8s/api.yaml')
  expect(log).toEqual(['redeploying: api.yaml changed', 'redeployed'])
  log.length = 0
  await savesAgain('/p/k8s/api.yaml')
  expect(log).toEqual([])
  await end()
})

test('a build that fails in a redeploy is reported under its own name, and saving again tries it again', async () => {
  const { log, state, saves, savesAgain, end } = await start([undefined])
  state.failed = [{ service: 'web', error: new Error('no such package') }]
  await saves('/p/k8s/api.yaml')
  expect(log).toEqual(['redeploying: api.yaml changed', 'failed rebuild: no such package', 'redeployed'])
  log.length = 0
  await savesAgain('/p/api/main.py')
  expect(log).toEqual([])
  await savesAgain('/p/web/main.py')
  expect(log).toEqual(['rebuilding web', 'builds web', 'ready web'])
  await end()
})

test('a changed configuration is read again: new services are handled, and what needs a new start is reported once', async () => {
  const { log, state, saves, end } = await start([undefined, undefined])
  state.config = { services: ['api', 'web', 'worker'], lasting: ['cluster'] }
  await saves('/p/k8s/platform.config.json')
  const told = 'The configuration changed, and devk has to start again to apply: cluster'
  expect(log).toEqual(['redeploying: platform.config.json changed', told, 'redeployed'])
  log.length = 0
  await saves('/p/worker/main.py')
  expect(log).toEqual(['rebuilding worker', 'builds worker', 'ready worker'])
  log.length = 0
  await saves('/p/k8s/platform.config.json')
  expect(log).toEqual(['redeploying: platform.config.json changed', 'redeployed'])
  await end()
})

test('a wrong configuration applies nothing', async () => {
  const { log, state, saves, end } = await start([undefined])
  state.config = new Error('services.api.sync must be a list')
  await saves('/p/k8s/platform.config.json')
  expect(log).toEqual([
    'redeploying: platform.config.json changed',
    'failed redeploy: services.api.sync must be a list',
  ])
  await end()
})

test('what a configuration with a mistake imports is watched', async () => {
  const { log, state, saves, end } = await start([undefined])
  state.config = new Error('/p/ports.ts does not exist')
  state.roots = ['/p/k8s', '/p/ports.ts']
  await saves('/p/k8s/platform.config.json')
  state.config = { services: ['api', 'web'], lasting: [] }
  log.length = 0
  await saves('/p/ports.ts')
  expect(log).toEqual(['redeploying: ports.ts changed', 'redeployed'])
  await end()
})

test('what writes files is started before the first save, for services that are synced', async () => {
  const { state, podChanges, end } = await start([], ['web'])
  expect(state.prepared).toEqual(['web'])
  podChanges('api')
  podChanges('web')
  expect(state.prepared).toEqual(['web', 'web'])
  await end()
})
