import { expect, test } from 'vitest'
import { go, inChromium, isWithinWindow, looks, violations } from './support/opened.ts'
import { fedServer } from './support/page-server.ts'
import { todo } from './support/states.ts'
import { dashboard } from './support/telemetry.ts'

const opened = inChromium()
const hostile = '<img src=x onerror="globalThis.owned=1">'
const monitored = {
  ...todo,
  recorded: { ...todo.recorded, presets: [{ name: 'prometheus', version: '3.5.0', urls: [] }] },
}
const list = {
  ok: true,
  dashboards: [
    { uid: 'devk-cluster', title: 'Cluster' },
    { uid: 'service-backend', title: 'Service backend' },
  ],
} as const

test('without Prometheus the view says so, and how to add it', async () => {
  const server = await fedServer(todo)
  const refused = { ok: false, text: 'No preset has rates.', hint: "Add 'prometheus' to presets." } as const
  server.tell({ dashboards: refused })
  const page = await opened(server.url)
  await page.getByRole('link', { name: 'Dashboards' }).click()
  await page.getByText(refused.text).waitFor()
  await page.getByText(refused.hint).waitFor()
})

test('a dashboard is drawn with its last values, for the time that is asked for', async () => {
  const server = await fedServer(monitored)
  const asked: string[] = []
  server.tell({
    dashboards: list,
    dashboard(uid, minutes) {
      asked.push(`${uid} ${minutes}`)
      return dashboard(uid, uid === 'devk-cluster' ? ['todo'] : ['GET /a', 'GET /b'])
    },
  })
  const page = await opened(server.url)
  await go(page, 'dashboards')
  await page.getByText('Pods running').waitFor()
  await page.locator('p.figure', { hasText: '1' }).waitFor()
  await page.getByLabel('Dashboard').selectOption('Service backend')
  const chart = page.getByRole('img', { name: 'Rate: GET /a 1/s, GET /b 2/s, and 2 more' })
  await chart.waitFor()
  // What is drawn is not empty: the canvas has pixels that are not transparent.
  const drawn = () =>
    chart.locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
      const all = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? []
      return Array.from(all).filter((value, index) => index % 4 === 3 && value > 200).length
    })
  await expect.poll(drawn).toBeGreaterThan(300)
  await page.getByText('The preset prometheus does not answer in 10 s').waitFor()
  await page.getByText('No values in this time.').waitFor()
  await page.getByLabel('How far back').selectOption('6 hours')
  await expect.poll(() => asked.at(-1)).toBe('service-backend 360')
  expect(asked[0]).toBe('devk-cluster 30')
})

test('the topology has the rate and the errors of each service', async () => {
  const server = await fedServer(monitored)
  server.tell({ rates: { ok: true, rates: [{ service: 'backend', rate: 2.5, errors: 0.1, p95: 48 }] } })
  const page = await opened(server.url)
  const card = page.getByTitle('backend-6d4-xk2p9')
  await page.locator('.node.backend, .node', { hasText: '2.5/s · 10 % errors' }).waitFor()
  await card.waitFor()
})

test('without Prometheus the topology asks for no rates', async () => {
  const server = await fedServer(todo)
  server.tell({ rates: { ok: true, rates: [{ service: 'backend', rate: 2.5, errors: 0, p95: 48 }] } })
  const page = await opened(server.url)
  await page.locator('.node.service').first().waitFor()
  expect(await page.getByText('2.5/s').count()).toBe(0)
})

test.each(looks)('axe finds nothing among dashboards, and hostile names are text: %j', async (look) => {
  const server = await fedServer(monitored)
  server.tell({
    dashboards: list,
    dashboard: (uid) => dashboard(uid, [hostile, 'wide'.repeat(60)]),
    rates: { ok: true, rates: [{ service: 'backend', rate: 2.5, errors: 0.1, p95: 48 }] },
  })
  const page = await opened(server.url, look)
  for (const [view, shown] of [
    ['dashboards/service-backend', 'canvas'],
    ['topology', '.failing'],
  ] as const) {
    await go(page, view)
    await page.locator(shown).first().waitFor()
    expect(await violations(page), view).toEqual([])
    expect(await isWithinWindow(page), view).toBe(true)
  }
  expect(await page.evaluate(() => 'owned' in globalThis)).toBe(false)
})
