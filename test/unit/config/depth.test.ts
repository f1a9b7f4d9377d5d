import { expect, test } from 'vitest'
import { failure, folder, load } from './support.ts'

const levels = (open: string, close: string, count: number) => `${open.repeat(count)}1${close.repeat(count)}`
const bomb = [
  'a: &a [x, x, x, x, x, x, x, x, x]',
  ...'bcdefghi'.split('').map((name, i) => {
    const before = `*${'abcdefgh'[i]}`
    return `${name}: &${name} [${Array(9).fill(before).join(', ')}]`
  }),
].join('\n')

test.each([
  ['platform.config.json', `{\n  "name": ${levels('[', ']', 100_000)}}`, /^platform.config.json:2:110 .* levels/],
  ['platform.config.json', `{"name": ${levels('{"a":', '}', 20_000)}}`, /^platform.config.json:1:\d+ .* levels/],
  ['platform.config.yaml', `name: ${levels('[', ']', 100_000)}`, /^platform.config.yaml:1:107 .* levels/],
  ['platform.config.yaml', `name: ${levels('[', ']', 200)}`, /^platform.config.yaml:1:107 .* levels/],
  ['platform.config.yaml', bomb, /^platform.config.yaml:\d+:\d+ .* too many values/],
  ['platform.config.mjs', 'const a = {}\na.a = a\nexport default a', /contains itself/],
])('a %s that is too deep or too large is an error with its place', async (file, text, message) => {
  const error = await failure(load(folder({ [file]: text })))
  expect([error.code, error.exitCode, error.message]).toEqual(['CONFIG_INVALID', 2, expect.stringMatching(message)])
})
