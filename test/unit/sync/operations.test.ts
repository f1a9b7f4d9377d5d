import { expect, test } from 'vitest'
import { uint32 } from '../../../src/lib/streams/frames.ts'
import { fileErrors, operation } from '../../../src/sync/operations.ts'

test('an answer is read with its errors', () => {
  const failed = (index: number, code: number, reason: string) =>
    Buffer.concat([uint32(index, code, Buffer.byteLength(reason)), Buffer.from(reason)])
  expect(fileErrors(Buffer.alloc(0))).toEqual([])
  expect(
    fileErrors(Buffer.concat([failed(3, 30, 'read-only file system'), failed(4, 20, '/é is not a folder')])),
  ).toEqual([
    { index: 3, code: 30, reason: 'read-only file system' },
    { index: 4, code: 20, reason: '/é is not a folder' },
  ])
})

test('a path is measured in bytes', () => {
  expect(operation.remove('/é').readUInt32BE(1)).toBe(3)
})
