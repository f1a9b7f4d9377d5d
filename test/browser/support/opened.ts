import axe from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import { launchChromium } from '../../support/chromium.ts'

/** A Chromium for the tests of a file, and how they open a page in it. */
export function inChromium() {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser?.close())
  /** Opens a page whose errors fail the test. */
  return async (url: string, options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext(options)
    const page = await context.newPage()
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(String(error)))
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text())
    })
    onTestFinished(async () => {
      await context.close()
      expect(errors).toEqual([])
    })
    await page.goto(url)
    await page.getByRole('heading', { level: 1 }).waitFor()
    return page
  }
}

/** Goes to a view of the page. */
export const go = (page: Page, view: string) => page.goto(page.url().replace(/(#.*)?$/, `#/${view}`))

/** Whether the page is no wider than its window. */
export const isWithinWindow = (page: Page) =>
  page.locator('html').evaluate((root) => root.scrollWidth <= root.clientWidth)

/** How pages are looked at. The policy of the page is off, so that axe can be put into it. */
export const looks = [
  { bypassCSP: true, colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { bypassCSP: true, colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
  { bypassCSP: true, colorScheme: 'light', viewport: { width: 360, height: 740 } },
] as const

/** What axe finds in a page that was opened with one of `looks`. */
export async function violations(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.addScriptTag({ content: axe.source })
  return page.evaluate(async () => {
    // biome-ignore lint/suspicious/noExplicitAny: axe is a global of the page
    const { violations } = await (globalThis as any).axe.run()
    return violations.map(({ id, nodes }: { id: string; nodes: { html: string }[] }) => `${id}: ${nodes[0]?.html}`)
  })
}
