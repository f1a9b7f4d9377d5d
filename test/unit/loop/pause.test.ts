import { expect, test } from 'vitest'
import { startSession } from './session-support.ts'

test('what is saved in a pause waits, and is sent as one save, each file once', async () => {
  const { log, events, state, control, saves, deletes, settle, end } = await startSession([], ['api'])
  control().pause()
  control().pause()
  await saves('/p/api/a', '/p/api/b')
  await deletes('/p/api/a')
  await saves('/p/web/main.js')
  expect(log).toEqual(['paused', 'held api', 'held api', 'held web'])
  expect(events.at(-1)).toMatchObject({
    paused: true,
    again: false,
    waiting: [
      { service: 'api', files: 2 },
      { service: 'web', files: 1 },
    ],
  })
  expect([state.sent, control().isPaused()]).toEqual([[], true])
  log.length = 0
  control().resume()
  control().resume()
  await settle()
  expect(log[0]).toBe('resumed')
  expect(log.filter((line) => line === 'synced api')).toHaveLength(1)
  expect(log).toContain('ready web')
  expect(state.sent).toEqual(['api write /app/b delete /app/a'])
  expect(events.find(({ type }) => type === 'resumed')).toMatchObject({ count: 3, waiting: [] })
  const ids = events.flatMap((event) => ('save' in event && event.save ? [event.save.id] : []))
  expect(new Set(ids).size).toBe(1)
  log.length = 0
  await saves('/p/api/c')
  expect(log).toEqual(['synced api'])
  await end()
})

test('a manifest that is saved in a pause is applied afterwards, and a pause without a save does nothing', async () => {
  const { log, control, saves, settle, end } = await startSession([undefined])
  control().pause()
  await saves('/p/k8s/api.yaml')
  expect(log).toEqual(['paused', 'held undefined'])
  control().resume()
  await settle()
  expect(log.slice(2)).toEqual(['resumed', 'redeploying: api.yaml changed', 'redeployed'])
  log.length = 0
  control().pause()
  control().resume()
  await settle()
  expect(log).toEqual(['paused', 'resumed'])
  await end()
})

test('saves of a manual service wait until they are asked for; others are sent at once', async () => {
  const { log, state, control, saves, settle, end } = await startSession([], ['api', 'web'], ['api'])
  await saves('/p/api/a', '/p/web/a')
  await saves('/p/api/b')
  expect(state.sent).toEqual(['web write /app/a'])
  expect(log).toEqual(['held api', 'synced web', 'held api'])
  log.length = 0
  expect(control().trigger('api')).toBe('sent')
  await settle()
  expect(log).toEqual(['triggered api', 'synced api'])
  expect(state.sent.at(-1)).toBe('api write /app/a write /app/b')
  expect([control().trigger('api'), control().trigger('other')]).toEqual(['nothing', 'unknown'])
  await end()
})

test('the end of a pause leaves manual services alone, and trigger works in a pause', async () => {
  const { log, events, state, control, saves, settle, end } = await startSession([], ['api', 'web'], ['api'])
  control().pause()
  await saves('/p/api/a', '/p/web/a')
  control().resume()
  await settle()
  expect(state.sent).toEqual(['web write /app/a'])
  expect(events.find(({ type }) => type === 'resumed')).toMatchObject({
    count: 1,
    waiting: [{ service: 'api', files: 1 }],
  })
  control().pause()
  expect(control().trigger('api')).toBe('sent')
  await settle()
  expect(state.sent).toEqual(['web write /app/a', 'api write /app/a'])
  expect(log.at(-1)).toBe('synced api')
  await end()
})

test('when all objects are applied, a service whose saves wait keeps its image', async () => {
  const { state, saves, end } = await startSession([undefined, undefined], [], ['api'])
  await saves('/p/k8s/a.yaml')
  await saves('/p/api/main.py')
  await saves('/p/k8s/a.yaml')
  expect(state.held).toEqual([[], ['api']])
  await end()
})

test('what waits is sent when the configuration no longer says manual', async () => {
  const { state, saves, settle, end } = await startSession([undefined], ['api'], ['api'])
  await saves('/p/api/a')
  expect(state.sent).toEqual([])
  state.manual = []
  await saves('/p/k8s/platform.config.json')
  await settle()
  expect(state.sent).toEqual(['api write /app/a'])
  await end()
})

test('a build that somebody asks for brings what waits', async () => {
  const { log, control, saves, settle, end } = await startSession([], [], ['api'])
  await saves('/p/api/main.py')
  expect(control().rebuild('api')).toBe(true)
  await settle()
  expect(log).toContain('ready api')
  expect(control().trigger('api')).toBe('nothing')
  expect(control().rebuild('other')).toBe(false)
  await end()
})

test('saving again without a change waits as well, and is no change when it is sent', async () => {
  const { log, control, savesAgain, settle, end } = await startSession([], ['api'], ['api'])
  await savesAgain('/p/api/a')
  expect(log).toEqual(['held api'])
  control().trigger('api')
  await settle()
  expect(log).toEqual(['held api', 'triggered api'])
  await end()
})
