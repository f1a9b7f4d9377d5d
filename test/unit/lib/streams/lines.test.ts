import { expect, test } from 'vitest'
import { splitLines } from '../../../../src/lib/streams/lines.ts'

async function split(chunks: readonly Uint8Array[], limit = 1000) {
  const source = (async function* () {
    yield* chunks
  })()
  const lines = []
  for await (const { bytes, cut, complete } of splitLines(source, limit)) lines.push([bytes.toString(), cut, complete])
  return lines
}

test('characters of several bytes survive any chunk border', async () => {
  const whole = Buffer.from('grüße 🙂\nzweite\n')
  for (let border = 0; border <= whole.length; border++) {
    const lines = await split([whole.subarray(0, border), whole.subarray(border)])
    expect(lines).toEqual([
      ['grüße 🙂', 0, true],
      ['zweite', 0, true],
    ])
  }
})

test('empty lines are kept, and the last line without a line feed is marked', async () => {
  expect(await split([Buffer.from('\n\na')])).toEqual([
    ['', 0, true],
    ['', 0, true],
    ['a', 0, false],
  ])
})

test('a line longer than the limit is cut, and its rest is counted', async () => {
  const chunks = [...Array.from({ length: 100 }, () => Buffer.alloc(1000, 'x')), Buffer.from('\nnext\n')]
  expect(await split(chunks, 10)).toEqual([
    ['xxxxxxxxxx', 99_990, true],
    ['next', 0, true],
  ])
})
