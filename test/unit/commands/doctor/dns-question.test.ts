import { Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import { answerCode, askNameServer, question } from '../../../../src/commands/doctor/dns-question.ts'

/** A stream that answers the first thing it is sent with these pieces, and ends. */
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

test('a question as DNS over TCP has it', () => {
  const header = [0, 27, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
  const name = [4, ...Buffer.from('devk'), 4, ...Buffer.from('test'), 0]
  expect([...question('devk.test')]).toEqual([...header, ...name, 0, 1, 0, 1])
})

test('the code comes out of the header, and only when it is there', () => {
  expect(answerCode(Buffer.from([0, 12, 0, 1, 0x81]))).toBeUndefined()
  expect(answerCode(Buffer.from([0, 12, 0, 1, 0x81, 0x82]))).toBe(2)
})

test('an answer may come in pieces, and may not come', async () => {
  expect(await askNameServer(nameServer([0, 12, 0], [1, 0x81, 0x80, 0]), 'devk.test')).toBe(0)
  expect(await askNameServer(nameServer([0, 12]), 'devk.test')).toBeUndefined()
})
