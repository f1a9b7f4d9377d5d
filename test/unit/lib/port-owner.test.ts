import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { portOwner } from '../../../src/lib/port-owner.ts'

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

test('names the program that listens', async () => {
  await writeFile(join(proc, 'net', 'tcp'), [header, row('0100007F:1F90', '0A', 777)].join('\n'))
  expect(await portOwner(8080, proc)).toEqual({ pid: 4121, command: 'nginx' })
})

test('sees listeners on IPv6', async () => {
  await writeFile(join(proc, 'net', 'tcp6'), [header, row(`${'0'.repeat(32)}:1F90`, '0A', 777)].join('\n'))
  expect(await portOwner(8080, proc)).toEqual({ pid: 4121, command: 'nginx' })
})

test.each([
  ['a connection is not a listener', row('0100007F:1F90', '01', 777)],
  ['another port is not meant', row('0100007F:1F91', '0A', 777)],
  ['a program of another user is unknown', row('0100007F:1F90', '0A', 999)],
])('%s', async (_name, line) => {
  await writeFile(join(proc, 'net', 'tcp'), [header, line].join('\n'))
  expect(await portOwner(8080, proc)).toBeUndefined()
})

test('a machine without /proc has no answer', async () => {
  expect(await portOwner(8080, join(proc, 'nowhere'))).toBeUndefined()
})
