// Installs Debian's Chromium with apt, for the tests of the page, unless the machine has a Chromium or Chrome.
import { execFileSync } from 'node:child_process'
import { chromiumPath } from '../test/support/chromium.ts'

const asRoot = process.getuid?.() === 0 ? [] : ['sudo']

function apt(...args: readonly string[]): void {
  const command = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get']
  const [program = '', ...first] = command
  execFileSync(program, [...first, '-o', 'DPkg::Lock::Timeout=300', '-qq', ...args], { stdio: 'inherit' })
}

if (chromiumPath() === undefined) {
  apt('update')
  apt('install', '-y', '--no-install-recommends', 'chromium')
}
const found = chromiumPath()
if (found === undefined) throw new Error('apt-get has installed no Chromium: install one and put it on PATH')
console.log(found)
