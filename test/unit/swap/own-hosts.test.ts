import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { execaRunner } from '../../../src/exec/runner.ts'
import { mayHaveHosts, withHosts } from '../../../src/swap/own-hosts.ts'

const ids = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }

function hostsFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'devk-hosts-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'a "$(touch x)" file')
  writeFileSync(file, text)
  return file
}

/** Whether this system lets its users mount in a namespace of their own. */
const mounts =
  spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'mount', '--bind', '/etc/hosts', '/etc/hosts'])
    .status === 0

test.runIf(mounts)(
  'a program has its own /etc/hosts, and keeps its user, its arguments and its exit code',
  async () => {
    const file = hostsFile('127.91.6.1 only-here\n')
    expect(await mayHaveHosts(execaRunner(process.env), file, ids, AbortSignal.timeout(10_000))).toBe(true)
    const [program = '', ...args] = withHosts(
      file,
      ['sh', '-c', 'cat /etc/hosts; id -u; echo "$1"; exit 5', 'sh', '$(id) "'],
      ids,
    )
    const { stdout, status } = spawnSync(program, args, { encoding: 'utf8' })
    expect(stdout).toBe(`127.91.6.1 only-here\n${ids.uid}\n$(id) "\n`)
    expect(status).toBe(5)
    expect(spawnSync('cat', ['/etc/hosts'], { encoding: 'utf8' }).stdout).not.toContain('only-here')
  },
)

test('a system that allows no such mount is found', async () => {
  const refusing = { run: async () => ({ exitCode: 1, stdout: '', stderr: 'unshare: Operation not permitted' }) }
  expect(await mayHaveHosts(refusing, '/h', ids, AbortSignal.timeout(1000))).toBe(false)
})
