import { expect, test } from 'vitest'
import { go, inChromium, isWithinWindow, looks, violations } from './support/opened.ts'
import { fedServer } from './support/page-server.ts'
import { finding, plan, todo } from './support/states.ts'

const opened = inChromium()
const hostile = '<img src=x onerror="globalThis.owned=1">'
const rule = (object: string, field: string) => ({ object, field, rule: 'scale.replicas', from: '3', to: '1' })
const rules = [rule('Deployment todo/backend', 'spec.replicas'), rule('PodDisruptionBudget todo/web', hostile)]

test('the doctor shows what devk doctor finds, and looks again when asked', async () => {
  const server = await fedServer(todo)
  server.tell({ doctor: { ok: true, findings: [finding(), finding({ id: 'disk', title: 'disk', level: 'ok' })] } })
  const page = await opened(server.url)
  await page.getByRole('link', { name: 'Doctor' }).click()
  const failed = page.getByRole('listitem').filter({ hasText: '✖ failed inotify' })
  await failed.getByText('sysctl -w fs.inotify.max_user_watches=524288').waitFor()
  await failed.getByText('devk doctor --fix').waitFor()
  server.tell({ doctor: { ok: true, findings: [finding({ level: 'ok' })] } })
  await page.getByRole('button', { name: 'Check again' }).click()
  await page.getByText('✔ fine').waitFor()
  expect(await page.getByText('✖ failed').count()).toBe(0)
  server.tell({ doctor: { ok: false, text: 'It cannot.', hint: 'Try again.' } })
  await page.getByRole('button', { name: 'Check again' }).click()
  await page.getByText('Try again.').waitFor()
})

test('what differs from production is shown for each service, and for one', async () => {
  const server = await fedServer(todo)
  server.plan({ ok: true, plan: plan({ rules }) })
  const page = await opened(server.url)
  await go(page, 'services/service/backend')
  await page.getByRole('link', { name: 'What differs here' }).click()
  expect(server.planned()).toBe(0)
  await page.getByRole('button', { name: 'Show the difference from production' }).click()
  await page.getByText('Deployment todo/backend').waitFor()
  expect(await page.getByText('PodDisruptionBudget').count()).toBe(0)
  await page.getByRole('link', { name: 'All services' }).click()
  await page.getByRole('heading', { name: 'Objects of no one service' }).waitFor()
  // Both views show one plan.
  await go(page, 'plan')
  await page.getByText('Adapted to this machine').waitFor()
  expect(server.planned()).toBe(1)
  server.plan({ ok: true, plan: plan({ rules: [] }) })
  await go(page, 'production')
  await page.getByRole('button', { name: 'Show the difference from production' }).click()
  await page.getByText('Nothing differs: the manifests are deployed as they are.').waitFor()
})

test('a page that only reads shows the checks, and says where the difference is', async () => {
  const server = await fedServer(todo, { items: 10, size: 1000, readOnly: true })
  server.tell({ doctor: { ok: true, findings: [finding()] } })
  const page = await opened(server.url)
  await go(page, 'doctor')
  await page.getByText('✖ failed').waitFor()
  await go(page, 'production')
  await page.getByText('devk plan shows it in a terminal.').waitFor()
  expect(await page.getByRole('button', { name: /difference/ }).count()).toBe(0)
})

test.each(looks)('axe finds nothing, and hostile texts are text: %j', async (look) => {
  const server = await fedServer(todo)
  const wide = `${hostile}${'wide'.repeat(60)}`
  const levels = (['ok', 'warn', 'fail'] as const).map((level, index) => ({
    level,
    id: (['disk', 'ports', 'memory'] as const)[index],
  }))
  const findings = levels.map(({ level, id = 'disk' }) => finding({ id, level, title: wide, detail: wide }))
  server.tell({ doctor: { ok: true, findings } })
  server.plan({ ok: true, plan: plan({ rules: [...rules, rule(wide, wide)] }) })
  const page = await opened(server.url, look)
  await go(page, 'doctor')
  await page.getByText('✖ failed').waitFor()
  expect(await violations(page)).toEqual([])
  expect(await isWithinWindow(page)).toBe(true)
  await go(page, 'production')
  await page.getByRole('button', { name: /difference/ }).click()
  await page.getByRole('heading', { name: 'Objects of no one service' }).waitFor()
  expect(await violations(page)).toEqual([])
  expect(await isWithinWindow(page)).toBe(true)
  expect(await page.evaluate(() => 'owned' in globalThis)).toBe(false)
})
