import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import type { WebProject } from './projects/web-project.ts'

/** Files that a container makes come back, and do not start the commands again that may have made them. */
export async function provePull(project: WebProject): Promise<void> {
  const { devk, folder, write } = project
  const file = 'platform.config.json'
  const before = await readFile(join(folder, file), 'utf8')
  const config = JSON.parse(before)
  const run = [{ command: 'echo ran >> /tmp/runs' }]
  config.services.web.sync = [{ from: 'web', to: '/www', exclude: ['Dockerfile'], pull: ['lock', 'made/**'], run }]
  await write(file, JSON.stringify(config))
  expect((await devk.run(['up', '--detach', '--yes'])).exitCode).toBe(0)
  const inPod = async (script: string) => (await devk.run(['exec', 'web', '--', 'sh', '-c', script])).stdout.trim()
  const running = devk.start(['dev', '--yes'])
  onTestFinished(() => void running.child.kill('SIGKILL'))
  await running.waitFor(/Watching web/, 120_000)
  await inPod(
    'mkdir -p /www/made/deep && echo made > /www/made/deep/a && echo other > /www/other && echo 1 > /www/lock',
  )
  await running.waitFor(/brought back 2 files \(.*\) from web-/, 60_000)
  const here = (path: string) => readFile(join(folder, 'web', path), 'utf8')
  expect([await here('made/deep/a'), await here('lock')]).toEqual(['made\n', '1\n'])
  await expect(here('other')).rejects.toThrow(/ENOENT/)
  // They are sent to all containers, and start nothing.
  await running.waitFor(/synced .*\/www\/lock/, 60_000)
  await running.waitFor(/synced .*\/www\/made\/deep\/a/, 60_000)
  await write('web/lock', 'mine\n')
  await expect.poll(() => inPod('cat /www/lock'), { timeout: 30_000 }).toBe('mine')
  await expect.poll(() => inPod('cat /tmp/runs'), { timeout: 30_000 }).toBe('ran')
  expect(await here('lock')).toBe('mine\n')
  running.child.kill('SIGINT')
  expect((await running.finished).exitCode).toBe(130)
  await write(file, before)
  expect((await devk.run(['up', '--detach', '--yes'])).exitCode).toBe(0)
}
