import { Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import { answerCode, askNameServer, question } from '../../../../src/commands/doctor/dns-question.ts'

/** A stream that answers the first data with these chunks, and ends. */
function nameServer(...pieces: number[][]): Duplex {
  return new Duplex({
    read() {},
    write(_chunk, _encoding, done) {
      for (const piece of pieces) this.push(Buffer.from(piece))
      this.push(null)
      done()
    },
  })
}

test('a question has the format of DNS over TCP', () => {
  const header = [0, 27, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
  const name = [4, ...Buffer.from('devk'), 4, ...Buffer.from('test'), 0]
  expect([...question('devk.test')]).toEqual([...header, ...name, 0, 1, 0, 1])
})

test('the code is read from the header once the header is complete', () => {
  expect(answerCode(Buffer.from([0, 12, 0, 1, 0x81]))).toBeUndefined()
  expect(answerCode(Buffer.from([0, 12, 0, 1, 0x81, 0x82]))).toBe(2)
})

test('an answer may come in chunks, and may not come', async () => {
  expect(await askNameServer(nameServer([0, 12, 0], [1, 0x81, 0x80, 0]), 'devk.test')).toBe(0)
  expect(await askNameServer(nameServer([0, 12]), 'devk.test')).toBeUndefined()
})
