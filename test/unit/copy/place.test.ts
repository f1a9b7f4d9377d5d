import { expect, test } from 'vitest'
import { copyOf } from '../../../src/copy/place.ts'

test.each([
  [
    ['web:/app/a.txt', '.'],
    { way: 'from', remote: { service: 'web', path: '/app/a.txt', isFolder: false }, local: '.' },
  ],
  [['a.txt', 'web:/tmp/'], { way: 'to', remote: { service: 'web', path: '/tmp', isFolder: true }, local: 'a.txt' }],
  [['./a:b', 'web:/'], { way: 'to', remote: { service: 'web', path: '/', isFolder: true }, local: './a:b' }],
  [
    ['web:/app/../etc/./x', 'y'],
    { way: 'from', remote: { service: 'web', path: '/etc/x', isFolder: false }, local: 'y' },
  ],
])('%j is read as by kubectl cp', (args, copy) => {
  expect(copyOf(args)).toEqual(copy)
})

test.each([
  [['web:/a'], 'cp needs a source and a target'],
  [['web:/a', 'api:/b'], 'Both paths are in containers'],
  [['a', 'b'], 'Neither path is in a container'],
  [['web:a.txt', '.'], '"a.txt" must be an absolute path in the container'],
  [['web:/', '.'], 'The root of a container cannot be copied'],
  [['', 'web:/a'], 'A path is empty'],
  [['a\0b', 'web:/a'], 'No path contains a zero byte'],
])('%j is refused with an example', (args, message) => {
  expect(() => copyOf(args)).toThrow(
    expect.objectContaining({ message, code: 'USAGE', hint: expect.stringContaining('devk cp') }),
  )
})
