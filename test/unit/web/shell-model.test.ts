import { expect, test } from 'vitest'
import { endText, piecesOfInput } from '../../../web/shell-model.ts'

test('a long paste is cut into pieces that devk takes, and nothing of it is lost', () => {
  const pasted = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251)
  const pieces = piecesOfInput(pasted)
  expect(pieces.every(({ length }) => length > 0 && length <= 64 * 1024)).toBe(true)
  expect(Buffer.concat(pieces)).toEqual(Buffer.from(pasted))
  expect(piecesOfInput(new Uint8Array())).toEqual([])
})

test('the end of a shell is told in words', () => {
  expect(endText({ exitCode: 3 })).toEqual({ text: 'The shell ended with exit code 3.', hint: null })
  expect(endText({ failure: 'no sh', hint: 'Try.' })).toEqual({ text: 'no sh', hint: 'Try.' })
  expect(endText(undefined).text).toMatch(/connection to devk ended/)
})
