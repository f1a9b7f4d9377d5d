import { expect, test } from 'vitest'
import { sortKey } from '../../../src/logs/record.ts'
import { resumePoint } from '../../../src/logs/resume.ts'

const key = (second: number, fraction = '') =>
  sortKey(`2026-01-01T00:00:${String(second).padStart(2, '0')}${fraction && `.${fraction}`}Z`) ?? ''

test('before the first line there is no point to resume from', () => {
  expect(resumePoint().sinceTime()).toBeUndefined()
})

test('lines with the same time stamp are counted', () => {
  const resume = resumePoint()
  const first = resume.open()
  expect([key(5, '1'), key(5, '1'), key(5, '2')].map(first)).toEqual([true, true, true])
  const second = resume.open()
  expect([key(5, '1'), key(5, '1'), key(5, '1'), key(5, '2'), key(5, '3')].map(second)).toEqual([
    false,
    false,
    true,
    false,
    true,
  ])
})

test('following resumes one second before the newest line', () => {
  const resume = resumePoint()
  resume.open()(key(5, '9'))
  expect(resume.sinceTime()).toBe('2026-01-01T00:00:04.000Z')
})

test('a late line with an earlier time stamp is kept', () => {
  const resume = resumePoint()
  resume.open()(key(5, '2'))
  const again = resume.open()
  expect([key(4, '999'), key(5, '2')].map(again)).toEqual([true, false])
})

test('after a log rotation no new line is dropped', () => {
  const resume = resumePoint()
  const first = resume.open()
  for (let i = 1; i <= 5; i++) first(key(5, String(i)))
  const rotated = resume.open()
  expect([key(5, '5'), key(5, '6'), key(6)].map(rotated)).toEqual([false, true, true])
})

test('lines before the resume point are dropped, and forgotten', () => {
  const resume = resumePoint()
  const first = resume.open()
  for (let i = 1; i < 50; i++) first(key(i))
  expect([key(10), key(48), key(49), key(50)].map(resume.open())).toEqual([false, false, false, true])
})
