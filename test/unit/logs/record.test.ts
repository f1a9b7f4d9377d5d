import { expect, test } from 'vitest'
import { parseLine, sortKey } from '../../../src/logs/record.ts'

const line = (text: string | Buffer, cut = 0) => parseLine({ bytes: Buffer.from(text), cut, complete: true })

test('keys sort by time, for any number of digits and any time zone', () => {
  const sorted = [
    '2026-01-01T00:59:59.9Z',
    '2026-01-01T02:00:00+01:00',
    '2026-01-01T01:00:00.000000001Z',
    '2026-01-01T01:00:00.01Z',
    '2026-01-01T01:00:00.1Z',
    '2026-01-01T01:00:00.10000001Z',
  ].map(sortKey)
  expect([...sorted].sort()).toEqual(sorted)
  expect(new Set(sorted).size).toBe(sorted.length)
})

test('a text that is no time has no key', () => {
  expect(sortKey('unable')).toBeUndefined()
  expect(sortKey('2026-13-99T99:00:00Z')).toBeUndefined()
})

test('a line is split into its time and its text, spaces included', () => {
  expect(line('2026-01-01T00:00:00.5Z   indented ')).toMatchObject({
    time: '2026-01-01T00:00:00.5Z',
    text: '  indented ',
  })
  expect(line('2026-01-01T00:00:00.5Z ')?.text).toBe('')
  expect(line('2026-01-01T00:00:00.5Z')?.text).toBe('')
  expect(line('2026-01-01T00:00:00.5Z dos\r')?.text).toBe('dos')
})

test('messages of the kubelet are no lines of the container', () => {
  expect(line('unable to retrieve container logs for containerd://abc')).toBeUndefined()
})

test('a cut line says how much is missing, and does not end in half a character', () => {
  const half = Buffer.concat([Buffer.from('2026-01-01T00:00:00Z gr'), Buffer.from('ü').subarray(0, 1)])
  expect(line(half, 104_857_600)?.text).toBe('gr … (100.0 MiB more)')
})
