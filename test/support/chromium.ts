import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const places = [...(process.env.PATH ?? '').split(delimiter), '/Applications/Google Chrome.app/Contents/MacOS']

/** The path of the Chromium of this machine; undefined if it has none. */
export function chromiumPath(): string | undefined {
  const candidates = places.flatMap((place) => [...names, 'Google Chrome'].map((name) => join(place, name)))
  return candidates.find((file) => {
    try {
      accessSync(file, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** Starts the Chromium of this machine. Throws if it has none, with what installs one. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = chromiumPath()
  if (executablePath === undefined) {
    throw new Error(
      'The tests of the page need Chromium: node scripts/chromium.ts installs the one of Debian or Ubuntu',
    )
  }
  // Chromium's own sandbox refuses to run as root, which containers of CI are; the pages here are devk's own.
  return chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 })
}
