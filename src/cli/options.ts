import { InvalidArgumentError, Option } from 'commander'
import { parseDuration } from '../lib/duration.ts'
import { messageOf } from '../lib/text.ts'

/** An option whose value is a duration such as 90s. The command receives milliseconds. */
export const durationOption = (flags: string, description: string) =>
  new Option(flags, description).argParser((text) => {
    const parsed = parseDuration(text)
    if (parsed === undefined) throw new InvalidArgumentError('Use the form 90s, 10m or 1h30m.')
    return parsed
  })

/** An option whose value is a whole number, 0 or more. */
export const numberOption = (flags: string, description: string) =>
  new Option(flags, description).argParser((text) => {
    if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Use a whole number.')
    return Number(text)
  })

/** An option whose value is a regular expression. */
export const patternOption = (flags: string, description: string) =>
  new Option(flags, description).argParser((text) => {
    try {
      return new RegExp(text)
    } catch (cause) {
      throw new InvalidArgumentError(messageOf(cause))
    }
  })

/** Collects the values of an option that is repeated. */
export const collected = (value: string, before: readonly string[]) => [...before, value]

/** The examples at the end of a command's help, one per line. */
export const examples = (...lines: string[]) => `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`
/** Options that several commands share. Spread them into `option`. */
export const json = ['--json', 'print the result as one JSON value'] as const
/** See `json`. */
export const timing = ['--timing', 'show with each save where its time went', false] as const
/** See `json`. */
export const traceSaves = ['--trace-saves', 'send each save as a trace to the preset jaeger', false] as const
/** Do not ask. See `json`. */
export const yes = ['-y, --yes', 'do not ask for confirmation before changing this machine'] as const
/** Do not ask, and consent to the code of the configuration. See `json`. */
export const yesHere = [
  '-y, --yes',
  'do not ask for confirmation before running the configuration of this folder and changing this machine',
] as const
/** Profiles. Several options add up: `-p a -p b` is the same as `-p a,b`. See `json`. */
export const profile = [
  '-p, --profile <name>',
  'use a profile of the configuration; repeat it or write a,b to combine several, later ones override earlier ones',
  (name: string, before: string | undefined) => (before === undefined ? name : `${before},${name}`),
] as const
/** Overlay. See `json`. */
export const overlay = [
  '--overlay <name>',
  'deploy this overlay, such as production, instead of the default one',
] as const
