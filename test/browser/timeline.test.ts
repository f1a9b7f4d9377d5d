import { expect, test } from 'vitest'
import { go, inChromium, isWithinWindow, looks, violations } from './support/opened.ts'
import { fedServer } from './support/page-server.ts'
import { happening, todo } from './support/states.ts'

const opened = inChromium()
const at = (second: number) => new Date(Date.parse('2026-11-29T12:00:00Z') + second * 1000).toISOString()
const built = happening('backend  built 1.4 s', {
  time: at(30),
  source: 'devk',
  kind: 'ready',
  object: null,
  warning: false,
})
const crashed = { kind: 'service', name: 'backend', from: 'ready', to: 'failed', reason: 'it crashed' } as const
const hostile = '<img src=x onerror="globalThis.owned=1">'

test('what devk did, changes of state and events of Kubernetes are one list, newest first, and can be filtered', async () => {
  const server = await fedServer(todo)
  server.happen(happening('readiness probe failed', { time: at(10) }), built)
  server.change({ ...crashed, time: at(20) })
  const page = await opened(server.url)
  await page.getByRole('link', { name: 'Timeline' }).click()
  await page.getByText('3 of 3 rows').waitFor()
  const texts = () => page.locator('.row .text').allInnerTexts()
  expect(await texts()).toEqual([
    'ready backend  built 1.4 s',
    'ready → failed: it crashed',
    'Unhealthy Pod todo/backend-6d4-xk2p9 readiness probe failed',
  ])
  await page.getByLabel('Kind').selectOption('Warnings and failures')
  await page.getByText('2 of 3 rows').waitFor()
  await page.getByLabel('Kind').selectOption('All kinds')
  await page.getByLabel('Filter by a regular expression').fill('^ready (')
  await page.getByText('Unterminated group').waitFor()
  await page.getByLabel('Filter by a regular expression').fill('')
  await page.getByLabel('Service').selectOption('frontend')
  await page.getByText('Nothing matches.').waitFor()
  expect(page.url()).toMatch(/#\/timeline\/frontend$/)
  await go(page, 'services/service/backend')
  await page.getByRole('link', { name: 'What happened to backend' }).click()
  await page.getByText('3 of 3 rows').waitFor()
  // The same event again moves up, with its count.
  server.happen(happening('readiness probe failed', { time: at(40), count: 5 }))
  await page.getByText('readiness probe failed (5 times)').waitFor()
  expect((await texts())[0]).toContain('(5 times)')
  expect(await page.locator('.row').count()).toBe(3)
})

test('a flood draws only what is seen, and the list stays where someone reads it, with the keyboard alone', async () => {
  const server = await fedServer(todo)
  const page = await opened(server.url)
  await go(page, 'timeline')
  const many = Array.from({ length: 3000 }, (_, index) => happening(`event ${index}`, { time: at(index) }))
  server.happen(...many)
  await page.getByText('event 2999', { exact: false }).waitFor()
  expect(await page.locator('.row').count()).toBeLessThan(120)
  const list = page.getByRole('region', { name: 'What happened, newest first' })
  await list.focus()
  await page.keyboard.press('End')
  await page.getByText('event 0', { exact: false }).waitFor()
  server.happen(happening('a new one', { time: at(4000) }))
  await page.getByRole('button', { name: 'Follow (1 new)' }).waitFor()
  await list.focus()
  await page.keyboard.press('Home')
  await page.getByText('a new one').waitFor()
})

test.each(looks)('axe finds nothing in the timeline, and what an attacker wrote is text: %j', async (look) => {
  const server = await fedServer(todo)
  server.happen(
    built,
    happening('probe failed', { time: at(2) }),
    happening(`${hostile}\nsecond line\u202e\u0000`, {
      names: [hostile, 'wide '.repeat(80)],
      kind: hostile,
      object: hostile,
    }),
    happening('without a time', { time: 'never' }),
  )
  const page = await opened(server.url, look)
  await go(page, 'timeline')
  await page.getByText('second line').waitFor()
  expect(await violations(page)).toEqual([])
  expect(await isWithinWindow(page)).toBe(true)
  expect(await page.evaluate(() => 'owned' in globalThis)).toBe(false)
  expect(await page.locator('main img').count()).toBe(0)
  const heights = await page.locator('.row').evaluateAll((rows) => rows.map((row) => row.clientHeight))
  expect(heights).toEqual([22, 22, 22, 22])
})
