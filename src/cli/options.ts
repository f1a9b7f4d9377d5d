import { InvalidArgumentError, Option } from 'commander'
import { parseDuration } from '../lib/duration.ts'

/** An option whose value is a duration; the command gets milliseconds. */
export const durationOption = (flags: string, description: string) =>
  new Option(flags, description).argParser((text) => {
    const parsed = parseDuration(text)
    if (parsed === undefined) throw new InvalidArgumentError('Write it like 90s, 10m or 1h30m.')
    return parsed
  })

/** An option whose value is a whole number. */
export const numberOption = (flags: string, description: string) =>
  new Option(flags, description).argParser((text) => {
    if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.')
    return Number(text)
  })

/** An option whose value is a regular expression. */
export const patternOption = (flags: string, description: string) =>
  new Option(flags, description).argParser((text) => {
    try {
      return new RegExp(text)
    } catch (cause) {
      throw new InvalidArgumentError(cause instanceof Error ? cause.message : String(cause))
    }
  })

/** The examples under the help of a command, one a line. */
export const examples = (...lines: string[]) => `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`
/** Options that many commands share, to be spread into `option`. */
export const json = ['--json', 'print one JSON value for scripts'] as const
export const yes = ['-y, --yes', 'do not ask before installing something on this machine'] as const
/** Given more than once it collects, so that `-p a -p b` is `-p a,b`. */
export const profile = [
  '-p, --profile <name>',
  'use a profile of the configuration; more than once, or a,b: the later ones change what the earlier ones leave',
  (name: string, before: string | undefined) => (before === undefined ? name : `${before},${name}`),
] as const
export const overlay = [
  '--overlay <name>',
  'deploy this overlay, such as production, in place of the usual one',
] as const
