import { expect, test } from 'vitest'
import { workdirOf } from '../../../../src/init/declared/workdir.ts'

test.each([
  ['the last stage', 'FROM a\nWORKDIR /x\nFROM b\nWORKDIR /y\n', undefined, '/y'],
  [
    'a stage that another one starts from',
    'FROM a AS base\nWORKDIR /x\nFROM base AS dev\nWORKDIR sub\nFROM b\n',
    'dev',
    '/x/sub',
  ],
  ['variables', 'FROM a\nARG R=/r\nENV APP="$R" HOME=/app\nWORKDIR @{HOME}/src\n', undefined, '/app/src'],
  ['the old form of ENV', 'FROM a\nENV HOME /app\nWORKDIR $HOME\n', undefined, '/app'],
  ['a default', 'FROM a\nWORKDIR @{UNSET:-/d}\n', undefined, '/d'],
  ['an unknown variable', 'FROM a\nWORKDIR $UNSET\n', undefined, undefined],
  ['what only the base image knows', 'FROM a\nCOPY . .\n', undefined, undefined],
  ['an empty file', '', undefined, undefined],
])('the working folder of %s, with @ for a dollar sign', (_, dockerfile, target, expected) => {
  expect(workdirOf(dockerfile.replaceAll('@', '$'), target)).toBe(expected)
})
