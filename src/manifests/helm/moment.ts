import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'

const weekday = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? '
const month = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*'
const time = '\\d{2}[:.-]\\d{2}(?:[:.-]\\d{2}(?:[.,]\\d+)?)?'
const zone = '(?: ?(?:Z|[A-Z]{3,5}|[+-]\\d{2}(?::?\\d{2})?))*(?: m=[+-][\\d.]+)?'
const date = `(?:\\d{4}[-./]\\d{2}[-./]\\d{2}|\\d{1,2}[-./ ](?:\\d{2}|${month})[-./ ]\\d{2,4})(?:[T _-]${time}${zone})?`
const unixDate = `${month} +\\d{1,2} ${time}${zone} \\d{4}`

/** Matches a date, with or without a time, in the formats of Go and the usual others. */
export const moment = `(?<![A-Za-z0-9])(?:${weekday})?(?:${date}|${unixDate}|\\d{2}:\\d{2}(?::\\d{2})?)(?![A-Za-z0-9])`

/**
 * Two results of the same rendering, which differ in what is random. If the templates use the clock, the second one is
 * made in another second, and in a time zone in which it is another day.
 */
export async function renderedTwice<T>(
  usesTime: boolean,
  render: (env: Readonly<Record<string, string>>) => Promise<T>,
): Promise<[T, T]> {
  if (!usesTime) return Promise.all([render({}), render({})])
  const first = await render({})
  await sleep(1000 - (Date.now() % 1000) + 1)
  return [first, await render({ TZ: otherZone(new Date()) })]
}

/** A time zone in which it is another day than here. Two zones that are 26 hours apart cannot both have our day. */
export function otherZone(now: Date): string {
  const day = (timeZone?: string) => new Intl.DateTimeFormat('en', { timeZone, dateStyle: 'short' }).format(now)
  return day('Pacific/Kiritimati') === day() ? 'Etc/GMT+12' : 'Pacific/Kiritimati'
}

/** Whether a template in these files, folders and archives of charts uses the clock. */
export async function useClock(paths: readonly string[]): Promise<boolean> {
  for (const path of paths) if (await usesClock(path)) return true
  return false
}

const clockInTemplate = /\{\{(?:(?!\}\})[\s\S])*\b(?:now|ago)\b/

async function usesClock(path: string): Promise<boolean> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined)
  if (entries !== undefined) {
    const inner = entries.filter((entry) => entry.isDirectory() || /\.(ya?ml|tpl|txt|tgz)$/.test(entry.name))
    return useClock(inner.map(({ name }) => join(path, name)))
  }
  const bytes = await readFile(path).catch(() => Buffer.of())
  if (!path.endsWith('.tgz')) return clockInTemplate.test(bytes.toString())
  const tar = (await promisify(gunzip)(bytes).catch(() => Buffer.of())).toString('latin1')
  // What an archive in the archive contains is not worth the effort.
  return clockInTemplate.test(tar) || tar.includes('.tgz\0')
}
