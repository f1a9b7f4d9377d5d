import type { Page } from 'playwright-core'
import { launchChromium } from '../../support/chromium.ts'
import type { Devk } from './devk.ts'

/** Opens the page of `devk ui` in Chromium, as the user does, and closes both afterwards. */
export async function withPage(devk: Pick<Devk, 'start'>, use: (page: Page) => Promise<void>): Promise<void> {
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

/** Runs a job of the configuration from the page. Gives what the page shows when it has ended. */
export async function runJobOnPage(devk: Pick<Devk, 'start'>, job: string): Promise<string> {
  let shown = ''
  await withPage(devk, async (page) => {
    await page.getByRole('link', { name: 'Services', exact: true }).click()
    await page.getByRole('button', { name: `Run ${job}` }).click()
    const dialog = page.getByRole('dialog', { name: `Run ${job}` })
    await dialog.getByRole('button', { name: 'Run', exact: true }).click()
    await dialog.getByText(/^(Done|It failed)$/).waitFor({ timeout: 60_000 })
    shown = await dialog.innerText()
  })
  return shown
}

/** The saves of the devk that runs, as a second one shows them in the browser once there are `count`: the oldest first. */
export async function savesShown(devk: Pick<Devk, 'start'>, count: number): Promise<string[]> {
  let heads: string[] = []
  await withPage(devk, async (page) => {
    await page.getByText('devk dev runs').waitFor()
    await page.getByRole('link', { name: 'Saves' }).click()
    await page
      .locator('.waterfall')
      .nth(count - 1)
      .waitFor()
    heads = await page.locator('.save > p:first-child').allInnerTexts()
  })
  return heads.map((text) => text.split(/\s+/).slice(0, 3).join(' ')).reverse()
}
