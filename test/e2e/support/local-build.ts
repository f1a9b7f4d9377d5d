import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { goCommand } from './go-command.ts'
import type { WebProject } from './projects/web-project.ts'

const page = (text: string) => `package main

import "net/http"

func main() {
\tpage := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("${text}")) }
\t_ = http.ListenAndServe(":8080", http.HandlerFunc(page))
}
`
/** How long a cold compiler may take on a machine that does other things too. */
const patienceMs = 240_000

/** A command line that no other process has. */
const endless = `sleep 98${process.pid}.5`
async function isRunning(): Promise<boolean> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return lines.some((line) => line.split('\0').join(' ').trim() === endless)
}

/**
 * The page of the project is served by its image at first, and after a save by a program in Go that was compiled here.
 * Then come a mistake, a program for another machine, and a compiler that never ends.
 */
export async function proveLocalBuild(project: WebProject, expectPage: (text: string) => Promise<void>): Promise<void> {
  const { devk, write, folder } = project
  const file = 'platform.config.json'
  const before = await readFile(join(folder, file), 'utf8')
  const config = JSON.parse(before)
  const go = await goCommand()
  const build = (more = '') => `${more}\nexec '${go}' build -o bin/server .\n`
  const { web } = config.services
  web.command = ['sh', '-c', 'if [ -x /app/server ]; then exec /app/server; fi; exec httpd -f -p 8080 -h /www']
  web.build.local = {
    command: ['sh', 'build.sh'],
    env: { CGO_ENABLED: '0', GOFLAGS: '-mod=mod' },
    outputs: [{ from: 'web/bin/server', to: '/app/server' }],
    watch: ['*.go', 'build.sh'],
  }
  await write('web/.dockerignore', '*\n!index.html\n')
  await write('web/index.html', 'from the image\n')
  await write('web/go.mod', 'module page\n\ngo 1.24\n')
  await write('web/build.sh', build())
  await write(file, JSON.stringify(config))

  expect((await devk.run(['up', '--detach', '--yes'])).exitCode).toBe(0)
  const refused = await devk.run(['dev'])
  expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('sh build.sh in web')])
  expect((await devk.run(['allow'])).exitCode).toBe(0)
  await expectPage('from the image')
  const pods = async () => JSON.parse((await devk.run(['status', '--json'])).stdout).services[0].pods
  const names = async () => (await pods()).map(({ name }: { name: string }) => name)
  const [pod] = await names()

  const running = devk.start(['dev', '--timing'])
  // One that a failed test leaves would keep the lock of the project.
  onTestFinished(() => void running.child.kill('SIGKILL'))
  await running.waitFor(/Watching web/, 120_000)
  await write('web/main.go', page('from Go'))
  await running.waitFor(/compiled here, and 1 output changed/, patienceMs)
  await running.waitFor(/ran restart in .*\n.*compiled [^·]*· .*written [^·]*· restarted/, 60_000)
  await expectPage('from Go')
  await write('web/main.go', page('a mistake').replace('main()', 'main() { nothing'))
  await running.waitFor(/the build on this machine failed with exit code 1: \S*main\.go:\d+/, patienceMs)
  await write('web/main.go', page('again from Go'))
  await running.waitFor(/ran restart in[\s\S]*ran restart in/, patienceMs)
  await expectPage('again from Go')
  await write('web/build.sh', build('export GOOS=linux GOARCH=s390x'))
  await running.waitFor(/web\/bin\/server is a program for s390x, and the container needs \w+\. .*GOARCH/, patienceMs)
  await write('web/build.sh', `${endless}\n`)
  await expect.poll(isRunning, { timeout: 30_000 }).toBe(true)
  await expectPage('again from Go')
  expect(await names()).toEqual([pod])

  running.child.kill('SIGINT')
  expect((await running.finished).exitCode).toBe(130)
  expect(await isRunning()).toBe(false)
  await rm(join(folder, 'web/.dockerignore'))
  await write(file, before)
  await write('web/index.html', 'one of two\n')
  expect((await devk.run(['up', '--detach', '--yes'])).exitCode).toBe(0)
  await expectPage('one of two')
}
