import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { otherZone, renderedTwice, useClock } from '../../../../src/manifests/helm/moment.ts'
import { folderWith } from '../charts/support.ts'

test('what uses the clock is rendered in two seconds, and on two days', async () => {
  const render = async (env: Readonly<Record<string, string>>) => {
    const now = new Date()
    const day = new Intl.DateTimeFormat('en', { dateStyle: 'short', timeZone: env.TZ })
    return { second: Math.floor(now.getTime() / 1000), day: day.format(now) }
  }
  const [first, second] = await renderedTwice(true, render)
  expect(second.second).toBeGreaterThan(first.second)
  expect(second.day).not.toBe(first.day)
})

test('what does not use the clock is rendered twice at once, in the same zone', async () => {
  const starts: object[] = []
  const both = Promise.withResolvers<void>()
  await renderedTwice(false, async (env) => {
    if (starts.push(env) === 2) both.resolve()
    await both.promise
  })
  expect(starts).toEqual([{}, {}])
})

test('it is another day in the other zone, at any hour', () => {
  const day = (now: Date, timeZone?: string) =>
    new Intl.DateTimeFormat('en', { dateStyle: 'short', timeZone }).format(now)
  for (let hour = 0; hour < 24; hour++) {
    const now = new Date(Date.UTC(2026, 10, 29, hour, 30))
    expect(day(now, otherZone(now))).not.toBe(day(now))
  }
})

test.each<[string, Record<string, string>, boolean]>([
  ['a template', { 'templates/a.yaml': 'at: {{ now | date "2006" }}' }, true],
  ['an action of several lines', { 'templates/_h.tpl': '{{- $t :=\n  dateInZone "2006" (now) "UTC" }}' }, true],
  ['a text that values give to tpl', { 'values.yaml': 'at: "{{ now }}"' }, true],
  ['an unpacked subchart', { 'charts/sub/templates/a.yaml': '{{ now }}' }, true],
  [
    'the word in a text',
    { 'templates/a.yaml': 'do it now: {{ .Values.now_or_never }}', 'README.md': '{{ now }}' },
    false,
  ],
])('%s uses the clock: %s', async (_, files, uses) => {
  expect(await useClock([await folderWith(files)])).toBe(uses)
})

test('a packed chart is read as well', async () => {
  const root = await folderWith({})
  const archive = (name: string, text: string) => writeFile(join(root, name), gzipSync(text))
  await archive('a.tgz', 'header\0at: {{ now }}\0')
  await archive('b.tgz', 'header\0at: {{ .Values.at }}\0')
  expect(await useClock([join(root, 'a.tgz')])).toBe(true)
  expect(await useClock([join(root, 'b.tgz')])).toBe(false)
  expect(await useClock([join(root, 'missing.tgz')])).toBe(false)
})
