import type { Page } from 'playwright-core'
import type { runShell } from '../../../src/kube/shell.ts'
import { go } from './opened.ts'

/** The pod of the back end. */
export const pod = 'backend-6d4-xk2p9'

/** A shell that answers each line of input, and what it got. It ends at `exit N`, and at the end of its terminal. */
export function playedShell(first = '$ ') {
  const seen = { places: [] as string[], input: '', sizes: [] as string[], running: 0 }
  const run: typeof runShell = async (_streams, { name }, { container, stdin, stdout, signal }) => {
    seen.places.push(`${container} of ${name}`)
    seen.running += 1
    const size = () => seen.sizes.push(`${stdout.columns}x${stdout.rows}`)
    size()
    stdout.on('resize', size)
    stdout.write(first)
    let typed = ''
    for await (const chunk of stdin) {
      seen.input += String(chunk)
      typed += String(chunk)
      stdout.write(String(chunk).replaceAll('\r', '\r\n$ '))
      const code = /exit (\d+)\r/.exec(typed)?.[1]
      if (code === undefined) continue
      seen.running -= 1
      return Number(code)
    }
    seen.running -= 1
    throw signal.reason
  }
  return { run, seen }
}

/** Opens a shell after its question. */
export async function openShell(page: Page, container = 'app'): Promise<void> {
  await go(page, 'services/service/backend')
  await page.getByRole('button', { name: `Open a shell in ${pod}` }).click()
  const dialog = page.getByRole('dialog', { name: `Open a shell in ${pod}` })
  if (container !== 'app') await dialog.getByLabel('Container').selectOption(container)
  await dialog.getByText(`devk exec backend --container ${container} -- sh`).waitFor()
  await dialog.getByRole('button', { name: 'Open', exact: true }).click()
}

/** The text of the terminal that is shown. */
export const screen = (page: Page) => page.locator('.xterm-rows')
/** Waits until the terminal shows this. */
export const shows = (page: Page, text: string) => screen(page).getByText(text).first().waitFor()
