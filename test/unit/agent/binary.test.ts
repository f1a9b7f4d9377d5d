import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { agentBinary } from '../../../src/agent/binary.ts'
import type { Runner, RunResult } from '../../../src/exec/runner.ts'

const { signal } = new AbortController()
let packageRoot = ''
let cacheDir = ''

beforeEach(() => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'devk-agent-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  packageRoot = join(folder, 'package')
  cacheDir = join(folder, 'cache')
  mkdirSync(packageRoot)
})

/** Makes the package a checkout with this source of the agent. */
function checkout(main: string): void {
  mkdirSync(join(packageRoot, 'agent/internal'), { recursive: true })
  writeFileSync(join(packageRoot, 'agent/main.go'), main)
  writeFileSync(join(packageRoot, 'agent/internal/files.go'), 'package internal')
}

/** A compiler whose program is "built N"; `calls` has its arguments. */
function compiler(failure?: Partial<RunResult>) {
  const calls: string[] = []
  const run: Runner['run'] = async (command, args, options) => {
    calls.push([command, ...args].slice(0, 5).join(' '))
    expect(options?.cwd).toBe(join(packageRoot, 'agent'))
    expect(options?.env).toMatchObject({ CGO_ENABLED: '0', GOOS: 'linux' })
    writeFileSync(args[args.indexOf('-o') + 1] ?? '', `built ${calls.length} for ${options?.env?.GOARCH}`)
    return { exitCode: 0, stdout: '', stderr: '', ...failure }
  }
  return { calls, runner: { run, spawn: () => expect.unreachable() } as Runner }
}

const find = (runner: Runner, arch = 'amd64', go: '/go' | '' = '/go') =>
  agentBinary({ packageRoot, cacheDir, runner, findGo: async () => go || undefined }, arch, signal)
const text = async (binary: { read(): Promise<Buffer> }) => String(await binary.read())

test('the published package contains the program', async () => {
  mkdirSync(join(packageRoot, 'dist/agent'), { recursive: true })
  writeFileSync(join(packageRoot, 'dist/agent/linux-arm64.gz'), gzipSync('program'))
  const { calls, runner } = compiler()
  const found = await find(runner, 'arm64')
  expect([await text(found), found.sha256]).toEqual(['program', createHash('sha256').update('program').digest('hex')])
  expect(calls).toEqual([])
  await expect(find(runner, 'riscv64')).rejects.toMatchObject({
    code: 'NODE_AGENT',
    message: 'This version of devk contains no agent for nodes with the architecture riscv64',
  })
})

test('a checkout builds the program once for each state of its source and each architecture', async () => {
  const { calls, runner } = compiler()
  checkout('package main')
  expect(await text(await find(runner))).toBe('built 1 for amd64')
  expect(await text(await find(runner))).toBe('built 1 for amd64')
  expect(await text(await find(runner, 'arm64'))).toBe('built 2 for arm64')
  writeFileSync(join(packageRoot, 'agent/main_test.go'), 'package main')
  expect(await text(await find(runner))).toBe('built 1 for amd64')
  checkout('package main // changed')
  expect(await text(await find(runner))).toBe('built 3 for amd64')
  expect(calls).toEqual(Array.from({ length: 3 }, () => 'nice -n 19 /go build'))
})

test('a program that was not used for a week is removed with the next build', async () => {
  const { runner } = compiler()
  checkout('package main')
  await find(runner)
  const [old = ''] = readdirSync(join(cacheDir, 'agent'))
  const before = Date.now() / 1000 - 8 * 24 * 3600
  utimesSync(join(cacheDir, 'agent', old), before, before)
  checkout('package main // changed')
  await find(runner)
  const left = readdirSync(join(cacheDir, 'agent'))
  expect(left).toHaveLength(1)
  expect(left).not.toContain(old)
})

test('a compiler that fails leaves nothing, and its last lines are in the error', async () => {
  checkout('package main')
  const { runner } = compiler({ exitCode: 1, stderr: 'main.go:3: undefined: x\n' })
  await expect(find(runner)).rejects.toMatchObject({ code: 'NODE_AGENT', details: ['main.go:3: undefined: x'] })
  expect(readdirSync(join(cacheDir, 'agent'))).toEqual([])
})

test('a checkout on a machine without Go cannot build it', async () => {
  checkout('package main')
  const { calls, runner } = compiler()
  await expect(find(runner, 'amd64', '')).rejects.toMatchObject({
    code: 'NODE_AGENT',
    hint: 'Install Go 1.24 or newer.',
  })
  expect(calls).toEqual([])
  expect(existsSync(join(cacheDir, 'agent'))).toBe(false)
})
