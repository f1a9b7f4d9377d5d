import { expect, test } from 'vitest'
import { go, inChromium, isWithinWindow, looks, violations } from './support/opened.ts'
import { fedServer } from './support/page-server.ts'
import { plan, todo } from './support/states.ts'

const opened = inChromium()
const hostile = `<img src=x onerror="globalThis.owned=1">${'wide'.repeat(80)}`
const amount = (cpu: number) => ({ cpu, memory: cpu * 1024 ** 2 })
const everything = plan({
  cluster: { context: hostile, exists: false },
  rules: [{ object: 'Deployment todo/backend', rule: 'scale.replicas', field: 'spec.replicas', from: '5', to: '1' }],
  changes: [
    ...plan().changes,
    { action: 'create', object: hostile, why: hostile, fields: [] },
    { action: 'delete', object: 'Job todo/old', why: 'no longer in the manifests', fields: [] },
    { action: 'keep', object: 'PersistentVolumeClaim todo/data', why: null, fields: [] },
    {
      action: 'refuse',
      object: 'StatefulSet todo/db',
      why: null,
      fields: [{ path: hostile, from: undefined, to: `a\n${hostile}` }],
    },
  ],
  presets: [{ name: hostile, version: null, create: 0, change: 0, delete: 3, unchanged: 0 }],
  notes: [hostile],
  fit: { fits: false, requested: amount(900), available: amount(500), problems: [hostile], suggestion: 'replicas: 1' },
})

test('a plan is made only when somebody asks for it, and reads as a diff', async () => {
  const server = await fedServer(todo)
  server.plan({ ok: true, plan: plan() })
  const page = await opened(server.url)
  await page.getByRole('link', { name: 'Plan' }).click()
  const button = page.getByRole('button', { name: 'Show what devk up would change' })
  await button.waitFor()
  expect(server.planned()).toBe(0)
  await button.focus()
  await page.keyboard.press('Enter')
  await page.getByText('0 to create, 1 to change, 0 to delete, 7 unchanged. New images for backend.').waitFor()
  expect(server.planned()).toBe(1)
  const change = page.getByRole('listitem').filter({ hasText: 'Deployment todo/backend' })
  expect((await change.innerText()).split(/\n+/)).toEqual([
    'update Deployment todo/backend',
    'spec.template.spec.containers[app].image',
    '− backend:1',
    '+ backend:2',
  ])
  expect(server.done).toEqual([])
})

test('code that the user has not allowed is not run, and the page says how to allow it', async () => {
  const server = await fedServer(todo)
  server.plan({ ok: false, text: 'The configuration is code (CONFIG_UNTRUSTED)\na.ts', hint: 'Run devk allow.' })
  const page = await opened(server.url)
  await go(page, 'plan')
  await page.getByRole('button', { name: 'Show what devk up would change' }).click()
  await page.getByText('CONFIG_UNTRUSTED').waitFor()
  await page.getByText('Run devk allow.').waitFor()
})

test('a page that only reads makes no plan, and its server refuses to', async () => {
  const server = await fedServer(todo, { items: 10, size: 1000, readOnly: true })
  const page = await opened(server.url)
  await go(page, 'plan')
  await page.getByText('This page only reads').waitFor()
  expect(await page.locator('main button').count()).toBe(0)
  const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' }
  expect((await fetch(`${server.api}/plan`, { method: 'POST', headers, body: '{}' })).status).toBe(405)
  expect((await fetch(`${server.api}/plan`, { headers })).status).toBe(404)
  expect(server.planned()).toBe(0)
})

test('without the key, or from another origin, no plan is made', async () => {
  const { api, token, planned } = await fedServer(todo)
  const send = async (more: Record<string, string>) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...more }
    return (await fetch(`${api}/plan`, { method: 'POST', headers, body: '{}' })).status
  }
  expect(await send({})).toBe(403)
  expect(await send({ 'x-devk-key': token, origin: 'http://127.0.0.1:1' })).toBe(403)
  expect(planned()).toBe(0)
})

test.each(looks)('axe finds nothing in the plan, and what an attacker wrote is text: %j', async (look) => {
  const server = await fedServer(todo)
  server.plan({ ok: true, plan: everything })
  const page = await opened(server.url, look)
  await go(page, 'plan')
  await page.getByRole('button', { name: 'Show what devk up would change' }).click()
  await page.getByText('devk up would change nothing, since 1 of the changes cannot be made.').waitFor()
  expect(await violations(page)).toEqual([])
  expect(await isWithinWindow(page)).toBe(true)
  server.plan({ ok: false, text: hostile, hint: hostile })
  await page.getByRole('button', { name: 'Show what devk up would change' }).click()
  await page.locator('.problem').waitFor()
  expect(await violations(page)).toEqual([])
  expect(await isWithinWindow(page)).toBe(true)
  expect(await page.evaluate(() => 'owned' in globalThis)).toBe(false)
})
