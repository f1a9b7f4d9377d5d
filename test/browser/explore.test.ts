import { expect, test } from 'vitest'
import type { Metric } from '../../src/commands/ui/api.ts'
import type { MetricQuestion } from '../../src/telemetry/explore.ts'
import { go, inChromium, isWithinWindow, looks, violations } from './support/opened.ts'
import { fedServer } from './support/page-server.ts'
import { todo } from './support/states.ts'
import { metric } from './support/telemetry.ts'

const opened = inChromium()
const hostile = '<img src=x onerror="globalThis.owned=1">'
const counter = { name: 'http_requests_total', type: 'counter', help: 'Requests.', unit: 'short' } as const
const gauge = { name: 'queue_length', type: 'gauge', help: null, unit: 'short' } as const
const list = (metrics: readonly Metric[]) => ({ ok: true, services: ['backend', 'jaeger'], metrics, more: 0 }) as const

/** A page whose Prometheus has these metrics, and what it was asked for. */
async function explored(metrics: readonly Metric[] = [counter, gauge], lines = ['path=/a', 'path=/b']) {
  const server = await fedServer(todo)
  const asked: MetricQuestion[] = []
  const listed: string[] = []
  server.tell({
    metrics(service) {
      listed.push(service)
      return list(metrics)
    },
    metric(question) {
      asked.push(question)
      return metric({ ...metrics.find(({ name }) => name === question.name) }, lines)
    },
  })
  return { server, asked, listed }
}

test('without Prometheus the view says so, and how to add it', async () => {
  const server = await fedServer(todo)
  const refused = { ok: false, text: 'No preset has metrics.', hint: "Add 'prometheus' to presets." } as const
  server.tell({ metrics: () => refused })
  const page = await opened(server.url)
  await page.getByRole('link', { name: 'Explore' }).click()
  await page.getByText(refused.text).waitFor()
  await page.getByText(refused.hint).waitFor()
})

test('a metric is searched, chosen, grouped, and shown again at its address', async () => {
  const { server, asked, listed } = await explored()
  const page = await opened(server.url)
  await go(page, 'explore')
  await page.getByLabel('Service').selectOption('backend')
  await expect.poll(() => listed.at(-1)).toBe('backend')
  await page.getByLabel('Search metrics').fill('REQUESTS counter')
  await page.getByRole('link', { name: 'http_requests_total' }).click()
  await page.getByRole('img', { name: 'Rate: path=/a 1/s, path=/b 2/s, and 2 more' }).waitFor()
  await page.getByText('2 more lines are not shown.').waitFor()
  expect(await page.getByRole('link', { name: 'queue_length' }).count()).toBe(0)
  await page.getByText('PromQL').click()
  await page.getByText('rate({__name__="http_requests_total"}[60s])').waitFor()
  await page.getByLabel('Group by').selectOption('path')
  await page.getByLabel('How far back').selectOption('6 hours')
  const question = { service: 'backend', name: 'http_requests_total', by: 'path', minutes: 360 }
  await expect.poll(() => asked.at(-1)).toEqual(question)
  expect(page.url()).toMatch(/#\/explore\/backend\/http_requests_total\/path\/360$/)
  await page.reload()
  await page.getByRole('img', { name: /^Rate: / }).waitFor()
  expect(await page.getByLabel('Group by').inputValue()).toBe('path')
  expect(asked.at(-1)).toEqual(question)
})

test('a service without metrics is told how it can have some', async () => {
  const { server } = await explored([])
  const page = await opened(server.url)
  await go(page, 'explore/backend')
  await page.getByText(/no metrics of backend.*OpenTelemetry/).waitFor()
})

test('the arrow keys lead through the metrics, of which one is in the order of Tab', async () => {
  const { server, asked } = await explored()
  const page = await opened(server.url)
  await go(page, 'explore')
  const first = page.getByRole('link', { name: 'http_requests_total' })
  await first.focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect.poll(() => asked.at(-1)?.name).toBe('queue_length')
  expect(await page.locator('.metric-names a[tabindex="0"]').allTextContents()).toEqual(['queue_length'])
  await page.keyboard.press('Home')
  expect(await first.evaluate((link) => link === document.activeElement)).toBe(true)
})

test('of many metrics the first are shown, and the others can be searched for', async () => {
  const many = Array.from({ length: 250 }, (_, index) => ({ ...gauge, name: `m${index}` }))
  const { server } = await explored(many)
  const page = await opened(server.url)
  await go(page, 'explore')
  await page.getByText('50 more are not shown. Search for them.').waitFor()
  await page.getByLabel('Search metrics').fill('m249')
  await page.getByRole('link', { name: 'm249' }).waitFor()
})

test.each(looks)('axe finds nothing among metrics, and hostile names are text: %j', async (look) => {
  const evil = { ...counter, name: hostile, help: `${hostile} ${'wide'.repeat(60)}` }
  const { server } = await explored([evil, gauge, { ...gauge, name: 'wide'.repeat(60) }], [hostile, 'wide'.repeat(60)])
  const page = await opened(server.url, look)
  await go(page, `explore/backend/${encodeURIComponent(hostile)}`)
  await page.locator('canvas').first().waitFor()
  expect(await violations(page)).toEqual([])
  expect(await isWithinWindow(page)).toBe(true)
  expect(await page.evaluate(() => 'owned' in globalThis)).toBe(false)
})
