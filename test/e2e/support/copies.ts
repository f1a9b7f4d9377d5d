import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { WebProject } from './projects/web-project.ts'

/** Copies a program, a folder and what a hostile container may offer, with the pod of the web server. */
export async function proveCopies({ devk, folder, write }: WebProject): Promise<void> {
  const cp = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await devk.run(['cp', ...args, '--json'])
    expect(exitCode, stderr).toBe(0)
    return JSON.parse(stdout)
  }
  const inPod = (command: string) => devk.run(['exec', 'web', '--no-tty', '--', 'sh', '-c', command])
  const program = join(folder, 'web/bin/server')
  expect(await cp('web/bin/server', 'web:/tmp/')).toMatchObject({
    way: 'to',
    container: 'web',
    to: '/tmp/server',
    files: 1,
  })
  expect((await inPod('test -x /tmp/server')).exitCode).toBe(0)
  await cp('web:/tmp/server', 'copy')
  expect((await readFile(join(folder, 'copy'))).equals(await readFile(program))).toBe(true)
  expect((await stat(join(folder, 'copy'))).mode & 0o111).not.toBe(0)

  await write('pages/a/b.html', 'b')
  await cp('pages', 'web:/srv/pages')
  expect((await inPod('cat /srv/pages/a/b.html')).stdout).toBe('b')
  await inPod('cd /srv/pages && ln -s /etc/passwd link && mkfifo pipe && echo new > a/b.html')
  const { files, skipped } = await cp('web:/srv/pages', '.')
  expect([files, skipped.length]).toEqual([1, 2])
  expect(await readFile(join(folder, 'pages/a/b.html'), 'utf8')).toBe('new\n')
  expect((await readdir(join(folder, 'pages'))).sort()).toEqual(['a'])

  const missing = await devk.run(['cp', 'web:/no/such', '.'])
  expect([missing.exitCode, missing.stderr]).toEqual([1, expect.stringContaining('[COPY_FAILED]')])
}
