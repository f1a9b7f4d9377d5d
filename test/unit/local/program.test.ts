import { closeSync, openSync, readSync } from 'node:fs'
import { expect, test } from 'vitest'
import { headBytes, programOf } from '../../../src/local/program.ts'

/** An ELF file of 64 bits with one program header, for an interpreter. */
function elf({ machine = 62, interpreter = '', little = true, at = 120 } = {}): Buffer {
  const head = Buffer.alloc(200)
  const write16 = (value: number, to: number) =>
    little ? head.writeUInt16LE(value, to) : head.writeUInt16BE(value, to)
  const write64 = (value: number, to: number) =>
    little ? head.writeBigUInt64LE(BigInt(value), to) : head.writeBigUInt64BE(BigInt(value), to)
  head.write('\x7fELF', 0, 'latin1')
  head[4] = 2
  head[5] = little ? 1 : 2
  write16(machine, 18)
  write64(64, 32)
  write16(56, 54)
  write16(interpreter === '' ? 0 : 1, 56)
  if (little) head.writeUInt32LE(3, 64)
  else head.writeUInt32BE(3, 64)
  write64(at, 64 + 8)
  write64(interpreter.length + 1, 64 + 32)
  head.write(interpreter, 120)
  return head
}

test.each([
  ['static', elf(), { arch: 'amd64', interpreter: undefined }],
  [
    'glibc',
    elf({ interpreter: '/lib64/ld-linux-x86-64.so.2' }),
    { arch: 'amd64', interpreter: '/lib64/ld-linux-x86-64.so.2' },
  ],
  [
    'big-endian',
    elf({ machine: 22, interpreter: '/lib/ld64.so.1', little: false }),
    { arch: 's390x', interpreter: '/lib/ld64.so.1' },
  ],
  ['an unknown machine', elf({ machine: 999 }), { arch: undefined, interpreter: undefined }],
])('reads the header of a program of Linux: %s', (_name, head, found) => {
  expect(programOf(head)).toEqual({ os: 'linux', ...found })
})

test('a program of macOS is known, and a class of Java is not one', () => {
  const bytes = (hex: string) => Buffer.from(hex.padEnd(128, '0'), 'hex')
  expect(programOf(bytes('cffaedfe0c000001'))?.os).toBe('macOS')
  expect(programOf(bytes('cafebabe00000002'))?.os).toBe('macOS')
  expect(programOf(bytes('cafebabe00000041'))).toBeUndefined()
})

test.each([
  ['empty', Buffer.alloc(0)],
  ['a script', Buffer.from(`#!/bin/sh\n${'x'.repeat(100)}`)],
  ['cut off', elf().subarray(0, 40)],
  ['with an interpreter behind its end', elf({ interpreter: '/lib/x', at: 1_000_000 })],
  ['with an interpreter far behind its end', elf({ interpreter: '/lib/x', at: Number.MAX_SAFE_INTEGER })],
])('what is no program, or contradicts itself, is none: %s', (_name, head) => {
  expect(programOf(head)).toBeUndefined()
})

test('the Node of this test is read as what the system says of it', () => {
  const program = programOf(headOf(process.execPath))
  const arch = process.arch === 'x64' ? 'amd64' : process.arch
  expect(program).toMatchObject({ os: 'linux', arch, interpreter: expect.stringContaining('/ld-') })
})

function headOf(path: string): Buffer {
  const file = openSync(path, 'r')
  const head = Buffer.alloc(headBytes)
  const length = readSync(file, head, 0, headBytes, 0)
  closeSync(file)
  return head.subarray(0, length)
}
