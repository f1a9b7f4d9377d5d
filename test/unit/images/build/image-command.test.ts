import { expect, test } from 'vitest'
import { imageCommand } from '../../../../src/images/build/image-command.ts'

const none = { args: {}, contexts: {} }

test.each([
  ['lists', 'FROM a\nENTRYPOINT ["/x", "-v"]\nCMD ["y"]', ['/x', '-v'], ['y']],
  ['an ENTRYPOINT takes the CMD of the base image away', 'FROM a\nENTRYPOINT ["/x"]', ['/x'], []],
  ['a CMD of the same stage stays, in any order', 'FROM a\nCMD ["y"]\nENTRYPOINT ["/x"]', ['/x'], ['y']],
  ['one of an earlier stage does not', 'FROM a AS b\nCMD ["y"]\nFROM b\nENTRYPOINT ["/x"]', ['/x'], []],
  ['a stage goes on', 'FROM a AS Dev\nENTRYPOINT ["/x"]\nCMD ["y"]\nFROM dev\nCMD ["z"]', ['/x'], ['z']],
  [
    'other stages do not count',
    'FROM a AS b\nENTRYPOINT ["/b"]\nFROM c\nENTRYPOINT ["/x"]\nCOPY --from=b /b /b',
    ['/x'],
    [],
  ],
  ['scratch has neither', 'FROM scratch\nCMD ["/x"]', [], ['/x']],
  ['an empty list', 'FROM a\nENTRYPOINT []\nCMD ["/x"]', [], ['/x']],
  ['variables are none', 'FROM a\nENV P=1\nENTRYPOINT ["/x", "$P"]', ['/x', '$P'], []],
  ['lines that go on', 'FROM a\nENTRYPOINT ["/x", \\\n  "y"]', ['/x', 'y'], []],
])('a Dockerfile says what its image runs: %s', (_what, text, entry, args) => {
  expect(imageCommand(text, none)).toEqual({ entry, args })
})

test.each([
  ['nothing', ''],
  ['a base image with an entry point of its own, perhaps', 'FROM node\nCMD ["node", "a.js"]'],
  ['a line for the shell of the base image', 'FROM a\nENTRYPOINT /x -v'],
  ['a CMD that is a line', 'FROM a\nENTRYPOINT ["/x"]\nCMD y $P'],
  ['no list', 'FROM a\nENTRYPOINT ["/x", 1]'],
  ['single quotes are no list', "FROM a\nENTRYPOINT ['/x']"],
  ['a base that only the build knows', 'ARG B\nFROM $B\nENTRYPOINT ["/x"]'],
])('it does not say: %s', (_what, text) => {
  expect(imageCommand(text, none)).toBeUndefined()
})

test('the target, build arguments and other contexts count', () => {
  const text = 'ARG B=one\nFROM a AS one\nENTRYPOINT ["/1"]\nFROM a AS two\nENTRYPOINT ["/2"]\nFROM $B AS last\nUSER 1'
  expect(imageCommand(text, none)?.entry).toEqual(['/1'])
  expect(imageCommand(text, { ...none, args: { B: 'two' } })?.entry).toEqual(['/2'])
  expect(imageCommand(text, { ...none, target: 'TWO' })?.entry).toEqual(['/2'])
  expect(imageCommand(text, { ...none, contexts: { One: '/elsewhere' } })).toBeUndefined()
  expect(imageCommand(text, { ...none, contexts: { a: 'service:base' } })).toBeUndefined()
  expect(imageCommand(text, { ...none, contexts: { other: '/elsewhere' } })?.entry).toEqual(['/1'])
})
