// Takes the pictures of docs/dashboard.md from a page that runs: node scripts/screenshots.ts URL FOLDER, with the URL that devk ui prints.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { launchChromium } from '../test/support/chromium.ts'

const [url, folder] = process.argv.slice(2)
if (url === undefined || folder === undefined) throw new Error('usage: node scripts/screenshots.ts URL FOLDER')
await mkdir(folder, { recursive: true })
const views = [
  { view: 'topology', shown: '.node.service' },
  { view: 'services/service/backend', shown: '.detail' },
  { view: 'logs', shown: '.row' },
]
const browser = await launchChromium()
try {
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({ colorScheme, viewport: { width: 1200, height: 480 } })
    const page = await context.newPage()
    await page.goto(url)
    await page.locator('.cluster .connected').waitFor()
    for (const { view, shown } of views) {
      await page.goto(page.url().replace(/(#.*)?$/, `#/${view}`))
      await page.locator(shown).first().waitFor()
      // The canvas takes its width one frame after it is there.
      await page.waitForTimeout(500)
      await page.screenshot({ path: join(folder, `ui-${view.split('/')[0]}-${colorScheme}.png`) })
    }
    await context.close()
  }
} finally {
  await browser.close()
}
