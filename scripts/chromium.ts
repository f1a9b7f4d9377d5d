// Installs Debian's Chromium with apt, for the tests of the page, unless the machine has a Chromium or Chrome.
import { execFileSync } from 'node:child_process'
import { chromiumPath } from '../test/support/chromium.ts'

const apt = (...args: readonly string[]) =>
  execFileSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', '-qq', ...args], {
    stdio: 'inherit',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })

if (chromiumPath() === undefined) {
  apt('update')
  apt('install', '-y', '--no-install-recommends', 'chromium')
}
const found = chromiumPath()
if (found === undefined) throw new Error('apt-get has installed no Chromium: install one and put it on PATH')
console.log(found)
