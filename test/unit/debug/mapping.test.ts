import { expect, test } from 'vitest'
import { mappingsOf } from '../../../src/debug/mapping.ts'

test.each<[[string, string][], string[]]>([
  [[['web', '/app']], ['web=/app']],
  [[['backend/app', '/app/app']], ['backend=/app']],
  [[['.', '/app/']], ['.=/app']],
  [[['app', '/app']], ['app=/app']],
  [
    [
      ['web/src', '/app/src'],
      ['web/public', '/app/public'],
    ],
    ['web=/app'],
  ],
  [
    [
      ['web', '/app'],
      ['web/src', '/app/src'],
    ],
    ['web=/app'],
  ],
  [[['web/index.html', '/www/index.html']], ['web=/www']],
  [
    [
      ['api/app', '/srv/app'],
      ['lib', '/opt/lib'],
    ],
    ['api=/srv', 'lib=/opt/lib'],
  ],
  [
    [
      ['.', '/app'],
      ['lib', '/app/vendor'],
    ],
    ['.=/app', 'lib=/app/vendor'],
  ],
  [[['../shared/src', '/app/src']], ['../shared=/app']],
])('the sync rules %j map %j', (rules, expected) => {
  const mappings = mappingsOf(rules.map(([from, to]) => ({ from, to })))
  expect(mappings.map(({ local, remote }) => `${local}=${remote}`)).toEqual(expected)
})
