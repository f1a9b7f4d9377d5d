import { join } from 'node:path'
import type { Workshop } from './recipe.ts'

const script = [
  'set -e',
  'apt-get update -qq',
  'cd /tmp && apt-get download -qq golang-1.24-go golang-1.24-src',
  'for deb in golang-*.deb; do dpkg-deb -x "$deb" /go; done',
].join('\n')

/**
 * Unpacks the Go packages of Debian in a container and copies the files to the output, as `lib/go-1.24` and
 * `share/go-1.24`. Throws KIT_FAILED.
 */
export async function buildDebianGo(work: Workshop): Promise<void> {
  const name = `devk-kit-go-${work.key}`
  const remove = (): Promise<unknown> => work.deps.runner.run('docker', ['rm', '-f', '-v', name])
  await remove()
  try {
    await work.exec('docker', ['run', '--name', name, 'kit/debian:trixie', 'bash', '-c', script])
    await work.exec('docker', ['cp', `${name}:/go/usr/.`, join(work.out, '.')])
  } finally {
    await remove()
  }
}
