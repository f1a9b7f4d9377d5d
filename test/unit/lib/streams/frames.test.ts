import { expect, test, vi } from 'vitest'
import { frameCutter, uint32 } from '../../../../src/lib/streams/frames.ts'

const shape = { headerBytes: 5, payloadBytes: (header: Buffer) => header.readUInt32BE(1) }
const frame = (type: string, payload: string) =>
  Buffer.concat([Buffer.from(type), uint32(Buffer.byteLength(payload)), Buffer.from(payload)])

test('frames are found however the stream is cut', () => {
  const bytes = Buffer.concat([frame('a', 'one'), frame('b', ''), frame('c', 'x'.repeat(40)), frame('d', 'two')])
  for (let size = 1; size <= bytes.length; size += 1) {
    const seen: [string, string][] = []
    const cut = frameCutter(shape)
    for (let at = 0; at < bytes.length; at += size) {
      for (const { header, payload } of cut(bytes.subarray(at, at + size))) {
        seen.push([header.toString('latin1', 0, 1), String(payload)])
      }
    }
    expect(seen).toEqual([
      ['a', 'one'],
      ['b', ''],
      ['c', 'x'.repeat(40)],
      ['d', 'two'],
    ])
  }
})

test('a frame is given as soon as it is whole', () => {
  const cut = frameCutter(shape)
  expect(cut(frame('a', 'one').subarray(0, 7))).toEqual([])
  expect(cut(frame('a', 'one').subarray(7)).map(({ payload }) => String(payload))).toEqual(['one'])
})

test('a long frame in many chunks is joined once', () => {
  const whole = frame('a', 'x'.repeat(4_000_000))
  const cut = frameCutter(shape)
  const concat = vi.spyOn(Buffer, 'concat')
  let found = 0
  for (let at = 0; at < whole.length; at += 100) found += cut(whole.subarray(at, at + 100)).length
  const joined = concat.mock.calls.length
  concat.mockRestore()
  expect(found).toBe(1)
  // Joined at each of the 40,000 chunks, it would copy 80 GB.
  expect(joined).toBeLessThan(10)
})
