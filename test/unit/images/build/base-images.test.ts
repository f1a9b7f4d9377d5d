import { expect, test } from 'vitest'
import { baseImages } from '../../../../src/images/build/base-images.ts'

test.each([
  ['one', 'FROM node:20-alpine\nRUN npm ci', {}, ['node:20-alpine']],
  ['stages are no images', 'FROM a AS one\nFROM b AS two\nFROM one', {}, ['a', 'b']],
  ['a flag', 'FROM --platform=linux/amd64 a', {}, ['a']],
  [
    'an argument with its default',
    ['ARG V=3', 'FROM python:$', '{V}-slim'].join('\n').replace('$\n', '$'),
    {},
    ['python:3-slim'],
  ],
  ['an argument that is given', 'ARG V=3\nFROM python:$V', { V: '4' }, ['python:4']],
  ['unknown variables and scratch', 'FROM $NOTHING\nFROM scratch', {}, []],
])('base images are found in %s', (_, dockerfile, args, expected) => {
  expect(baseImages(dockerfile, args)).toEqual(expected)
})
