import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { execaRunner } from '../../../../src/exec/runner.ts'
import { goCommand } from '../go-command.ts'
import type { WebProject } from '../projects/web-project.ts'
import { attach, dapClient, readAt } from './dap.ts'
import { addService, strictManifest } from './debugged-service.ts'

/** The 14th line is the one with the breakpoint. */
const source = `package main

import (
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func tick(count int) string {
	greeting := fmt.Sprint("hello ", count)
	return greeting
}

func main() {
	ends := make(chan os.Signal, 1)
	signal.Notify(ends, syscall.SIGTERM)
	go func() { <-ends; os.Exit(0) }()
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, tick(len(os.Args))) })
	http.HandleFunc("/crash", func(http.ResponseWriter, *http.Request) { os.Exit(3) })
	go func() {
		for count := 0; ; count++ {
			tick(count)
			time.Sleep(100 * time.Millisecond)
		}
	}()
	_ = http.ListenAndServe(":8080", nil)
}
`
/** On this machine. */
const port = 18345

/** An image without a shell, with a program that was compiled elsewhere. */
const dockerfile = 'FROM scratch\nWORKDIR /srv\nCOPY bin/server /usr/bin/server\nENTRYPOINT ["server"]\nCMD ["one"]\n'

/** Debugs a service in Go with a client of the Debug Adapter Protocol. */
export async function proveGoDebug(project: WebProject, cluster: string): Promise<void> {
  const { devk, folder } = project
  const service = await addService(project, cluster, {
    name: 'gopher',
    entry: { build: { context: 'gopher' } },
    files: {
      'gopher/Dockerfile': dockerfile,
      'gopher/go.mod': 'module example.com/gopher\n\ngo 1.24\n',
      'gopher/main.go': source,
    },
    manifest: strictManifest('gopher', 5, ['one', 'two']),
  })
  const compile = async (...flags: string[]) => {
    const args = ['build', '-trimpath', ...flags, '-o', 'bin/server', '.']
    const env = { CGO_ENABLED: '0', GOOS: 'linux', GOWORK: 'off' }
    const run = await execaRunner(process.env).run(await goCommand(), args, { cwd: join(folder, 'gopher'), env })
    expect([run.exitCode, run.stderr]).toEqual([0, expect.any(String)])
  }
  await compile('-gcflags=all=-N -l')
  await service.deploy()
  const session = await service.debug(['--write', 'vscode', '--port', String(port)], 400_000)
  const { told } = session
  expect(told).toMatchObject({ service: 'gopher', runtime: 'go', address: `127.0.0.1:${port}`, container: 'gopher' })
  const entry = await service.launchEntry()
  expect(entry).toMatchObject({ type: 'go', mode: 'remote', host: '127.0.0.1', port })

  const breakpoint = { path: join(folder, 'gopher/main.go'), line: 14 }
  const substitutePath = (entry.substitutePath as { from: string; to: string }[]).map((each) => {
    return { ...each, from: each.from.replace(`\${workspaceFolder}`, folder) }
  })
  const stop = async () => {
    const client = await attach(dapClient(port), 'go', { mode: 'remote', substitutePath }, breakpoint)
    const { threadId } = await client.event('stopped')
    expect(await readAt(client, threadId, breakpoint, 'greeting')).toMatch(/^"hello \d+"$/)
    return client
  }
  const client = await stop()
  await session.stands()
  client.close()
  await session.goesOn()

  // A program that ends is started again by the kubelet, with its exit code, and the debugger follows.
  const { kubectl } = service
  const { namespace } = JSON.parse(await kubectl('get', 'pod', told.pod, '-o', 'json')).metadata
  await kubectl('get', '--raw', `/api/v1/namespaces/${namespace}/pods/${told.pod}:8080/proxy/crash`).catch(() => {})
  const again = { restartCount: 1, lastState: { terminated: { exitCode: 3 } } }
  await vi.waitFor(async () => expect(await session.pod()).toMatchObject(again), { timeout: 60_000, interval: 500 })
  ;(await vi.waitFor(stop, { timeout: 60_000, interval: 500 })).close()
  await session.end()

  // Without debug information there is nothing to debug, and the program runs as before.
  await compile('-ldflags=-s -w')
  expect((await service.up()).exitCode).toBe(0)
  const stripped = await service.spec()
  const refused = await devk.run(['debug', 'gopher', '--port', String(port)])
  expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining("-gcflags='all=-N -l'")])
  expect(await service.spec()).toEqual(stripped)
  await service.remove()
}
