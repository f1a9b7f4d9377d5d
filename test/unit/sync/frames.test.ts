import { expect, test } from 'vitest'
import { type Answer, answerReader, frame, frameReader, say } from '../../../src/sync/frames.ts'

test('frames are read whatever the chunks', () => {
  const bytes = Buffer.concat([frame(1, Buffer.from('one')), frame(7, Buffer.alloc(0)), frame(2, Buffer.from('two'))])
  for (let size = 1; size <= bytes.length; size += 1) {
    const seen: [number, string][] = []
    const read = frameReader((channel, data) => seen.push([channel, data.toString()]))
    for (let at = 0; at < bytes.length; at += size) read(bytes.subarray(at, at + size))
    expect(seen).toEqual([
      [1, 'one'],
      [7, ''],
      [2, 'two'],
    ])
  }
})

test('answers are read with their errors', () => {
  const reason = Buffer.from('Read-only file system')
  const numbers = Buffer.alloc(16)
  numbers.writeUInt32BE(1, 0)
  numbers.writeUInt32BE(3, 4)
  numbers.writeUInt32BE(30, 8)
  numbers.writeUInt32BE(reason.length, 12)
  const answer = (what: string, body: Buffer) => {
    const size = Buffer.alloc(4)
    size.writeUInt32BE(body.length)
    return Buffer.concat([Buffer.from(what), size, body])
  }
  const seen: Answer[] = []
  const read = answerReader((found) => seen.push(found))
  for (const byte of Buffer.concat([answer('A', Buffer.concat([numbers, reason])), answer('X', Buffer.from('why'))])) {
    read(Buffer.from([byte]))
  }
  expect(seen).toEqual([
    { type: 'done', errors: [{ index: 3, code: 30, reason: 'Read-only file system' }] },
    { type: 'refused', reason: 'why' },
  ])
})

test('the length of a path is counted in bytes', () => {
  expect(say.remove('/é').readUInt32BE(1)).toBe(3)
})
