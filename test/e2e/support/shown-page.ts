import type { Page } from 'playwright-core'
import { launchChromium } from '../../support/chromium.ts'
import type { Devk } from './devk.ts'

/** Opens the page of `devk ui` in Chromium, as the user does, and closes both afterwards. */
export async function withPage(devk: Devk, use: (page: Page) => Promise<void>): Promise<void> {
  const ui = devk.start(['ui', '--json'])
  const browser = await launchChromium()
  try {
    const { url } = JSON.parse((await ui.waitFor(/^\{[\s\S]*?^\}/m))[0])
    const page = await browser.newPage()
    await page.goto(url)
    await page.locator('.cluster .connected').waitFor({ timeout: 60_000 })
    await use(page)
  } finally {
    await browser.close()
    ui.child.kill('SIGINT')
    await ui.finished
  }
}
