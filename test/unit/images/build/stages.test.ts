import { expect, test } from 'vitest'
import { neededStages } from '../../../../src/images/build/stages.ts'

const baseImages = (...given: Parameters<typeof neededStages>) => neededStages(...given).images

const fromDefault = 'FROM $'.concat('{BASE:-"nginx"}')

test.each([
  ['one', 'FROM node:20-alpine\nRUN npm ci', {}, ['node:20-alpine']],
  [
    'stages that the last one needs',
    'FROM a AS one\nFROM b AS two\nFROM c AS no\nFROM one\nCOPY --from=two x x',
    {},
    ['a', 'b'],
  ],
  ['a flag', 'FROM --platform=linux/amd64 a', {}, ['a']],
  [
    'an argument with its default',
    ['ARG V=3', 'FROM python:$', '{V}-slim'].join('\n').replace('$\n', '$'),
    {},
    ['python:3-slim'],
  ],
  ['an argument that is given', 'ARG V=3\nFROM python:$V', { V: '4' }, ['python:4']],
  ['a default in the variable', fromDefault, {}, ['nginx']],
  ['a default that a value replaces', `ARG BASE=alpine\n${fromDefault}`, {}, ['alpine']],
  ['an alternative value', 'ARG V=1\nFROM $'.concat('{V:+b}'), {}, ['b']],
  ['two arguments on a line', 'ARG N=python T=3\nFROM $N:$T', {}, ['python:3']],
  ['quotes, a flag and a stage', 'FROM --platform=$BUILDPLATFORM "nginx" AS one\nFROM one', {}, ['nginx']],
  ['an argument of a stage', 'ARG V=3\nFROM a:$V AS x\nARG V=4\nFROM a:$V\nCOPY --from=x a a', {}, ['a:3']],
  ['a mount', 'FROM a AS x\nFROM b\nRUN --mount=type=bind,from=x,target=/x true', {}, ['a', 'b']],
  ['a form that only BuildKit knows', 'ARG V=3\nFROM a:$'.concat('{V%.*}'), {}, []],
  ['unknown variables and scratch', 'FROM $NOTHING\nFROM scratch', {}, []],
])('base images are found in %s', (_, dockerfile, args, expected) => {
  expect(baseImages(dockerfile, args)).toEqual(expected)
})

test('a target needs only its own stages', () => {
  expect(baseImages('FROM a AS dev\nFROM b AS prod\nFROM c', {}, 'DEV')).toEqual(['a'])
})
