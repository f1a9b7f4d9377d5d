import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { writeText } from '../../../src/terminal/output.ts'

test('a stream that is full again and again collects no listeners', async () => {
  const slow = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => void setImmediate(done) })
  for (let i = 0; i < 20; i++) await writeText(slow, 'a line\n')
  expect(slow.listenerCount('close')).toBe(0)
  expect(slow.listenerCount('drain')).toBe(0)
  expect(slow.listenerCount('error')).toBe(0)
})
