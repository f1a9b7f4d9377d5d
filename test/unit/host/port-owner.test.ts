import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { execaRunner } from '../../../src/exec/runner.ts'
import { portOwners } from '../../../src/host/port-owner.ts'
import { fakeRunner } from '../../fakes/runner.ts'

const header = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'
const row = (address: string, state: string, inode: number) =>
  `   0: ${address} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0 100 0 0 10 0`

let proc: string
beforeEach(async () => {
  proc = await mkdtemp(join(tmpdir(), 'devk-proc-'))
  await mkdir(join(proc, 'net'))
  await mkdir(join(proc, '4121', 'fd'), { recursive: true })
  await writeFile(join(proc, '4121', 'comm'), 'nginx\n')
  await symlink('socket:[777]', join(proc, '4121', 'fd', '6'))
  await mkdir(join(proc, '12'))
})
afterEach(() => rm(proc, { recursive: true }))

const onLinux = (port: number, folder = proc) => portOwners(fakeRunner({}), 'linux', folder)(port)
const onMac = (port: number, answers: Parameters<typeof fakeRunner>[0]) =>
  portOwners(fakeRunner(answers), 'darwin')(port)

test('the program that listens on a port is named', async () => {
  await writeFile(join(proc, 'net', 'tcp'), [header, row('0100007F:1F90', '0A', 777)].join('\n'))
  expect(await onLinux(8080)).toEqual({ pid: 4121, program: 'nginx' })
})

test.each(['/usr/local/bin/node', '/usr/local/bin/node (deleted)'])('names %s, not its thread', async (executable) => {
  await writeFile(join(proc, 'net', 'tcp'), [header, row('0100007F:1F90', '0A', 777)].join('\n'))
  await writeFile(join(proc, '4121', 'comm'), 'MainThread\n')
  await symlink(executable, join(proc, '4121', 'exe'))
  expect(await onLinux(8080)).toEqual({ pid: 4121, program: 'node' })
})

test('listeners on IPv6 are found', async () => {
  await writeFile(join(proc, 'net', 'tcp6'), [header, row(`${'0'.repeat(32)}:1F90`, '0A', 777)].join('\n'))
  expect(await onLinux(8080)).toEqual({ pid: 4121, program: 'nginx' })
})

test.each([
  ['a connection is not a listener', row('0100007F:1F90', '01', 777)],
  ['another port is not meant', row('0100007F:1F91', '0A', 777)],
  ['a program of another user is unknown', row('0100007F:1F90', '0A', 999)],
])('%s', async (_name, line) => {
  await writeFile(join(proc, 'net', 'tcp'), [header, line].join('\n'))
  expect(await onLinux(8080)).toBeUndefined()
})

test('a machine without /proc gives no owner', async () => {
  expect(await onLinux(8080, join(proc, 'nowhere'))).toBeUndefined()
})

test('on macOS lsof finds the process, and ps names its program', async () => {
  const owner = await onMac(5000, {
    'lsof -nP -iTCP:5000 -sTCP:LISTEN -Fp': 'p612\nf8\nf9\n',
    'ps -p 612 -o comm=': '/System/Library/CoreServices/ControlCenter.app/Contents/MacOS/ControlCenter\n',
  })
  expect(owner).toEqual({ pid: 612, program: 'ControlCenter' })
})

test('on macOS lsof fails when nobody listens', async () => {
  expect(await onMac(5000, { 'lsof -nP -iTCP:5000 -sTCP:LISTEN -Fp': 1 })).toBeUndefined()
})

test('finds this process by a port that it listens on', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const owner = await portOwners(execaRunner(process.env), process.platform)(port)
  server.close()
  expect(owner).toEqual({ pid: process.pid, program: basename(process.execPath) })
})
