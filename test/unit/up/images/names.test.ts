import { expect, test } from 'vitest'
import { named, namesOf } from '../../../../src/up/images/names.ts'
import type { ImageWork } from '../../../../src/up/images/work.ts'
import { buildRequest } from '../../../support/build-request.ts'

const { signal } = new AbortController()
const work = (reference: string, noCache = false): ImageWork => {
  return { owner: reference, reference, request: buildRequest('/', reference, { noCache }) }
}

test('the other names of a built image in its repository are found', async () => {
  const tags = ['r:1/a:1', 'r:1/a:2', 'r:1/b:1', 'a:3']
  const inspect = async () => ({ tags }) as never
  const pulled = { owner: 'p', reference: 'r:1/a:1', request: undefined }
  const works = [work('r:1/a:1'), work('r:1/b:1'), { ...work('r:1/a:2', true), owner: 'n' }, pulled]
  expect(await namesOf(works, { inspect }, signal)).toEqual(new Map([['r:1/a:1', ['r:1/a:2']]]))
})

test('without an engine or the image there are no other names', async () => {
  const fails = async () => Promise.reject(new Error('no engine'))
  expect(await namesOf([work('r:1/a:1')], { inspect: fails }, signal)).toEqual(new Map())
  expect(await namesOf([work('r:1/a:1')], { inspect: async () => undefined }, signal)).toEqual(new Map())
})

test('a work gets another name in its request as well', () => {
  const own = work('r:1/a:1')
  expect(named(own, 'r:1/a:2')).toMatchObject({ reference: 'r:1/a:2', request: { tag: 'r:1/a:2' } })
  expect(named(own, undefined)).toBe(own)
})
