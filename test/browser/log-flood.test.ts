import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { go, inChromium } from './support/opened.ts'
import { fedServer } from './support/page-server.ts'
import { line, localLine, todo } from './support/states.ts'

const opened = inChromium()
/** The numbers of these lines, of a pod and of a program of this machine by turns. */
const numbered = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => (index % 2 === 0 ? line : localLine)(`line ${from + index}`))

/** The numbers of the lines that the page has. */
async function kept(page: Page): Promise<number[]> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download JSON' }).click(),
  ])
  const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\n')
  return lines.map((text) => Number(/line (\d+)/.exec(text)?.[1]))
}

const upTo = (first: number, end: number) => Array.from({ length: end - first }, (_, index) => first + index)

/** What the page says about its lines. */
async function counts(page: Page) {
  const text = await page.locator('.counts').innerText()
  const number = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0)
  return { has: number(/of (\d+) lines/), older: number(/(\d+) older/), dropped: number(/(\d+) dropped/) }
}

test('each line of a flood is shown once and in its order, or counted', async () => {
  const server = await fedServer(todo)
  const page = await opened(server.url)
  await go(page, 'logs')
  const all = 60_000
  for (let sent = 0; sent < all; sent += 3000) {
    server.log(...numbered(sent, 3000))
    await page.evaluate(() => new Promise(requestAnimationFrame))
  }
  const known = async () => {
    const { has, older, dropped } = await counts(page)
    return has + older + dropped
  }
  await expect.poll(known, { timeout: 30_000 }).toBe(all)
  const { has, older } = await counts(page)
  expect(has).toBeLessThanOrEqual(20_000)
  expect(older).toBeGreaterThan(0)
  expect(await kept(page)).toEqual(upTo(all - has, all))
})

test('lines that devk could not keep for the page are counted, and the others come in their order', async () => {
  const server = await fedServer(todo, { items: 5000, size: 100_000_000 })
  server.log(...numbered(0, 10))
  const page = await opened(server.url)
  await go(page, 'logs')
  await page.getByText('10 of 10 lines').waitFor()
  // At once: the stream can send nothing meanwhile.
  server.log(...numbered(10, 30_000))
  await page.getByText('5010 of 5010 lines · 25000 dropped').waitFor()
  expect(await kept(page)).toEqual([...upTo(0, 10), ...upTo(25_010, 30_010)])
  await page.getByRole('button', { name: 'Clear' }).click()
  server.log(...numbered(30_010, 5))
  await page.getByText('5 of 5 lines').waitFor()
  expect(await counts(page)).toMatchObject({ older: 0 })
})
