import { expect, test } from 'vitest'
import { imageFacts } from '../../../../src/images/reload/image.ts'

test.each([
  ['FROM node\nENTRYPOINT ["node"]\nCMD ["a.js"]', ['node', 'a.js']],
  ['FROM node\nCMD ["a.js"]\nENTRYPOINT ["node"]', ['node', 'a.js']],
  ['FROM node AS base\nCMD ["a.js"]\nFROM base\nENTRYPOINT ["node"]', ['node']],
  ['FROM node AS base\nENTRYPOINT ["node"]\nFROM base\nCMD ["a.js"]', ['node', 'a.js']],
  ['FROM node', undefined],
])('the command of the image, as Docker joins ENTRYPOINT and CMD: %j', (text, command) => {
  expect(imageFacts(text)?.command).toEqual(command)
})
