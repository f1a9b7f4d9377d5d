import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { WebProject } from './projects/web-project.ts'

/** A save starts the program of the web server again in its container, and its pod stays. */
export async function proveRestart(project: WebProject, expectPage: (text: string) => Promise<void>): Promise<void> {
  const file = 'platform.config.json'
  const before = await readFile(join(project.folder, file), 'utf8')
  const config = JSON.parse(before)
  // It serves a copy, which only a start makes.
  const command = ['sh', '-c', 'mkdir -p /srv && cp /www/index.html /srv && exec httpd -f -p 8080 -h /srv']
  const sync = [{ from: 'web/index.html', to: '/www/index.html', restart: true }]
  Object.assign(config.services.web, { command, sync })
  await project.write('web/index.html', 'one of two\n')
  await project.write(file, JSON.stringify(config))
  expect((await project.devk.run(['up', '--detach', '--yes'])).exitCode).toBe(0)
  await expectPage('one of two')
  const pods = async () => JSON.parse((await project.devk.run(['status', '--json'])).stdout).services[0].pods
  const [pod] = await pods()
  const running = project.devk.start(['dev'])
  await running.waitFor(/Watching web/, 120_000)
  await project.write('web/index.html', 'restarted\n')
  await running.waitFor(/ran restart in/, 60_000)
  await expectPage('restarted')
  running.child.kill('SIGINT')
  await running.finished
  expect((await pods()).map(({ name }: { name: string }) => name)).toEqual([pod.name])
  await project.write('web/index.html', 'one of two\n')
  await project.write(file, before)
  expect((await project.devk.run(['up', '--detach', '--yes'])).exitCode).toBe(0)
}
