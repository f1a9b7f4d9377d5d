import { expect, test } from 'vitest'
import { go, inChromium, isWithinWindow, looks, violations } from './support/opened.ts'
import { fedServer } from './support/page-server.ts'
import { entry, session, stateOf, todo } from './support/states.ts'

const opened = inChromium()

test('an action says what it will do, and is done only after a yes', async () => {
  const server = await fedServer(todo)
  server.hold(session([]))
  const page = await opened(server.url)
  await go(page, 'services/service/backend')
  await page.getByRole('button', { name: 'Restart' }).click()
  const dialog = page.getByRole('dialog', { name: 'Restart backend' })
  await dialog.getByText('It would restart backend.').waitFor()
  await dialog.getByText('devk restart backend').waitFor()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await dialog.waitFor({ state: 'hidden' })
  expect(server.done).toEqual([])
  await page.getByRole('button', { name: 'Rebuild' }).click()
  const rebuild = page.getByRole('dialog', { name: 'Rebuild backend' })
  await rebuild.getByRole('button', { name: 'Rebuild', exact: true }).click()
  await rebuild.getByText('restarted backend').waitFor()
  expect(server.done).toEqual([{ action: 'rebuild', name: 'backend' }])
  // The key closes the dialog, not the details behind it.
  await page.keyboard.press('Escape')
  await rebuild.waitFor({ state: 'hidden' })
  expect(await page.getByRole('region', { name: 'backend' }).count()).toBe(1)
})

test('saves are kept back and go on, and those of one service are sent', async () => {
  const server = await fedServer(todo)
  server.hold(session([]))
  const page = await opened(server.url)
  await go(page, 'saves')
  const agree = async (button: string, dialog: string) => {
    await page.getByRole('button', { name: `${button} …` }).click()
    const asked = page.getByRole('dialog', { name: dialog })
    await asked.getByRole('button', { name: button, exact: true }).click()
    await asked.getByText('Done').waitFor()
    await asked.getByRole('button', { name: 'Close' }).click()
  }
  await agree('Pause', 'Pause todo')
  server.hold({ ...session([]), paused: true, waiting: [{ service: 'backend', files: 2 }] })
  await page.getByText('backend 2 saved and waiting.').waitFor()
  await go(page, 'services/service/backend')
  await agree('Send saves', 'Send saves backend')
  await go(page, 'saves')
  await agree('Resume', 'Resume todo')
  const names = ['pause', 'trigger', 'resume']
  expect(server.done.map(({ action }) => action)).toEqual(names)
  expect(server.done.map(({ name }) => name)).toEqual(['todo', 'backend', 'todo'])
})

test('a job of the configuration is found and run from the page', async () => {
  const jobs = [
    { name: 'seed', service: 'backend', local: false },
    { name: 'clean', service: null, local: false },
    { name: 'types', service: null, local: true },
  ]
  const server = await fedServer({ ...todo, recorded: { ...todo.recorded, jobs } })
  const page = await opened(server.url, looks[0])
  await go(page, 'services')
  const table = page.getByRole('table', { name: 'Jobs' })
  const rows = async () => (await table.getByRole('row').allInnerTexts()).map((text) => text.split(/\s*\t\s*/))
  expect((await rows()).slice(1)).toEqual([
    ['seed', 'in the cluster, with the image of backend', 'Run …'],
    ['clean', 'in the cluster, with an image of its own', 'Run …'],
    ['types', 'on this machine', 'Run …'],
  ])
  expect(await violations(page)).toEqual([])
  await table.getByRole('button', { name: 'Run types' }).click()
  const here = page.getByRole('dialog', { name: 'Run types' })
  await here.getByText('It would run types.').waitFor()
  await here.getByRole('button', { name: 'Cancel' }).click()
  // Behind an open dialog nothing takes the focus.
  await here.waitFor({ state: 'hidden' })
  await page.getByRole('searchbox').fill('see')
  await expect.poll(async () => (await rows()).slice(1)).toHaveLength(1)
  await table.getByRole('button', { name: 'Run seed' }).click()
  const dialog = page.getByRole('dialog', { name: 'Run seed' })
  await dialog.getByRole('button', { name: 'Run', exact: true }).click()
  await dialog.getByText('Done').waitFor()
  expect(server.done).toEqual([{ action: 'run', name: 'seed' }])
})

test('a service that runs can be stopped, and one that is stopped can be started', async () => {
  const buttons = async (state: 'ready' | 'stopped') => {
    const page = await opened((await fedServer(stateOf([entry('backend', { state })]))).url)
    await go(page, 'services/service/backend')
    await page.getByRole('region', { name: 'backend' }).waitFor()
    return page.locator('.actions button').allInnerTexts()
  }
  expect(await buttons('ready')).toEqual(['Restart …', 'Stop …', 'Roll back …'])
  expect(await buttons('stopped')).toEqual(['Start …', 'Roll back …'])
})

test('a question that follows at once on the one before is asked', async () => {
  const server = await fedServer(todo)
  const page = await opened(server.url)
  await go(page, 'services/service/backend')
  await page.getByRole('button', { name: 'Restart' }).click()
  await page.getByRole('dialog', { name: 'Restart backend' }).getByText('devk restart backend').waitFor()
  await page.evaluate(() => {
    const dialog = document.querySelector('dialog[open]') as HTMLDialogElement
    const buttons = [...document.querySelectorAll('button')]
    const [stop, cancel] = ['Stop …', 'Cancel'].map((text) => buttons.find(({ textContent }) => textContent === text))
    new MutationObserver(() => {
      if (!dialog.open) stop?.click()
    }).observe(dialog, { attributeFilter: ['open'] })
    cancel?.click()
  })
  const dialog = page.getByRole('dialog', { name: 'Stop backend' })
  await dialog.getByRole('button', { name: 'Stop', exact: true }).click({ timeout: 5_000 })
  await dialog.getByText('Done').waitFor()
  expect(server.done).toEqual([{ action: 'stop', name: 'backend' }])
})

test('what cannot be done says why, and cannot be confirmed', async () => {
  const server = await fedServer(todo)
  const page = await opened(server.url)
  await go(page, 'services/service/backend')
  await page.getByRole('button', { name: 'Roll back' }).click()
  const dialog = page.getByRole('dialog', { name: 'Roll back backend' })
  await dialog.getByText('backend has no revision before 1').waitFor()
  expect(await dialog.getByRole('button').allInnerTexts()).toEqual(['Cancel'])
})

test('a page that only reads has no actions, and its server refuses them', async () => {
  const jobs = [{ name: 'seed', service: 'backend', local: false }]
  const withJobs = { ...todo, recorded: { ...todo.recorded, jobs } }
  const server = await fedServer(withJobs, { items: 10, size: 1000, readOnly: true })
  const page = await opened(server.url)
  await go(page, 'services/service/backend')
  await page.getByRole('region', { name: 'backend' }).waitFor()
  await page.getByRole('table', { name: 'Jobs' }).waitFor()
  expect(await page.getByRole('button', { name: /…/ }).count()).toBe(0)
  const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' }
  expect(await (await fetch(`${server.api}/key`, { headers })).json()).toEqual({ key: null })
  const body = JSON.stringify({ action: 'restart', name: 'backend' })
  expect((await fetch(`${server.api}/actions`, { method: 'POST', headers, body })).status).toBe(405)
  expect(server.done).toEqual([])
})

test('a program acts with the key; no other request and nothing that is no action gets through', async () => {
  const { api, token, done } = await fedServer(todo)
  const program = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const { key } = (await (await fetch(`${api}/key`, { headers: program })).json()) as { key: string }
  const send = async (value: unknown, headers: Record<string, string> = { 'x-devk-key': key }) => {
    const body = typeof value === 'string' ? value : JSON.stringify(value)
    return (await fetch(`${api}/actions`, { method: 'POST', headers: { ...program, ...headers }, body })).status
  }
  const action = { action: 'restart', name: 'backend' }
  expect(await send(action, {})).toBe(403)
  expect(await send(action, { 'x-devk-key': token })).toBe(403)
  expect(await send(action, { 'x-devk-key': key, origin: 'http://127.0.0.1:1' })).toBe(403)
  const none = [
    { action: 'exec', name: 'backend' },
    { action: 'restart', name: '--all' },
    { action: 'restart' },
    '{',
    7,
  ]
  for (const value of none) expect(await send(value), JSON.stringify(value)).toBe(400)
  expect(await send({ ...action, more: 'x'.repeat(20_000) })).toBe(400)
  expect(done).toEqual([])
  expect(await send(action)).toBe(200)
  expect(done).toEqual([action])
})

test('a page of another origin changes nothing', async () => {
  const server = await fedServer(todo)
  const page = await opened(server.url)
  const target = page.url().replace(/#.*/, 'api/v1/actions')
  const attacker = await page.context().newPage()
  await attacker.route('http://localhost:9/', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<h1>A</h1>' }),
  )
  await attacker.goto('http://localhost:9/')
  await attacker.evaluate(async (url) => {
    const body = JSON.stringify({ action: 'restart', name: 'backend' })
    const json = { 'content-type': 'application/json', 'x-devk-key': 'x' }
    const send = (headers: Record<string, string>, mode: RequestMode) =>
      fetch(url, { method: 'POST', mode, credentials: 'include', headers, body }).catch(() => {})
    await send(json, 'cors')
    await send({}, 'no-cors')
  }, target)
  expect(server.done).toEqual([])
})

test.each(looks)('axe finds nothing in the question before an action: %j', async (look) => {
  const server = await fedServer(todo)
  const page = await opened(server.url, look)
  await go(page, 'services/service/backend')
  await page.getByRole('button', { name: 'Restart' }).click()
  await page.getByText('It would restart backend.').waitFor()
  expect(await violations(page)).toEqual([])
  expect(await isWithinWindow(page)).toBe(true)
})
