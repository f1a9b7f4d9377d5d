import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { docker } from '../../support/docker.ts'
import type { WebProject } from './projects/web-project.ts'

const file = 'platform.config.json'
/** A command line that no other process has. */
const endless = `sleep 97${process.pid}.5`
async function isRunning(): Promise<boolean> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return lines.some((line) => line.split('\0').join(' ').trim() === endless)
}

/**
 * The image of the project is made by a script that devk knows nothing of: for `up`, after a save, with the same
 * result, with a failure, and by one that never ends.
 */
export async function proveOutsideBuild(
  project: WebProject,
  expectPage: (text: string) => Promise<void>,
): Promise<void> {
  const { devk, write, folder } = project
  const before = await readFile(join(folder, file), 'utf8')
  const config = JSON.parse(before)
  const script = (more: string) => `echo ran >> ran.log\n${more}\ndocker build -q -t "$1" .\necho 'Built it.'\n`
  config.services.web.build = {
    context: 'web',
    command: ['sh', 'image.sh', '$DEVK_IMAGE'],
    watch: ['index.html', 'image.sh'],
  }
  await write('web/index.html', 'from outside\n')
  await write('web/image.sh', script(''))
  await write(file, JSON.stringify(config))
  const status = async () => JSON.parse((await devk.run(['status', '--json'])).stdout).services[0]
  const names = async () => (await status()).pods.map(({ name }: { name: string }) => name)

  const refused = await devk.run(['up', '--detach'])
  expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('sh image.sh')])
  const running = devk.start(['up', '--yes'])
  // One that a failed test leaves would keep the lock of the project.
  onTestFinished(() => void running.child.kill('SIGKILL'))
  await running.waitFor(/Watching web/, 240_000)
  await expectPage('from outside')
  expect((await status()).image).toMatch(/\/web:[0-9a-f]{16}$/)
  expect(JSON.parse((await devk.run(['plan', '--json'])).stdout)).toMatchObject({ changes: [], images: [] })
  expect(await readFile(join(folder, 'web/ran.log'), 'utf8')).toBe('ran\n')
  expect(await docker('images', '-q', 'devk.local/*/*')).toBe('')
  await write('web/index.html', 'saved outside\n')
  await running.waitFor(/index\.html changed[\s\S]*total /, 120_000)
  await expectPage('saved outside')
  const pods = await names()
  await write('web/image.sh', script('# The same image.'))
  await running.waitFor(/image\.sh changed[\s\S]*total /, 120_000)
  expect(await names()).toEqual(pods)
  await write('web/image.sh', script('echo no such package >&2; exit 3'))
  await running.waitFor(/services\.web\.build\.command failed with exit code 3[\s\S]*no such package/, 60_000)
  await write('web/image.sh', `${endless}\n`)
  await expect.poll(isRunning, { timeout: 30_000 }).toBe(true)
  await expectPage('saved outside')
  expect(await names()).toEqual(pods)

  running.child.kill('SIGINT')
  expect((await running.finished).exitCode).toBe(130)
  expect(await isRunning()).toBe(false)
  await write(file, before)
  await write('web/index.html', 'one of two\n')
  expect((await devk.run(['up', '--detach', '--yes'])).exitCode).toBe(0)
  await expectPage('one of two')
}
