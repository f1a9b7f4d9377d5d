import * as z from 'zod'

/** A TCP port. */
export const port = z.number().int().min(1).max(65535)
/** A name that is valid in the configuration and in Kubernetes. */
export const name = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/, 'must be lower-case letters, digits and dashes, 40 at most')
/** A path relative to the folder of the configuration; resolve.ts makes it absolute. */
export const path = z.string().min(1, 'must not be empty')
/** How long a program may run. */
export const limit = z.string().regex(/^[1-9]\d{0,3}(s|m)$/, 'must look like 90s or 10m')
/** Strings by name, such as environment variables or labels. */
export const variables = z.record(z.string(), z.string())

/** A port from 1 to 65535. It is a pattern, since the JSON Schema can express a pattern but not a function. */
const portNumber = '(?:[1-9]\\d{0,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])'
const portText = new RegExp(`^(?:${portNumber}:)?${portNumber}$`)

/** What to write instead of other ways to write a port, which kubectl and docker understand. */
function portMistake(text: string): string {
  const form = 'must be "8000" or "LOCAL:REMOTE"'
  if (/\/tcp$/i.test(text)) return `${form} without a protocol: every port is TCP`
  if (/\/\w+$/.test(text)) return `${form}: only TCP is supported`
  if (/^\d+-\d+|:\d+-\d+$/.test(text)) return `${form}, one entry for each port of a range`
  if (/^(\[.*\]|[^:]*\.[^:]*|localhost|\*):/.test(text) || text.split(':').length > 2) {
    return `${form} without an address: devk listens on 127.0.0.1 only`
  }
  return /^\w+\/|[a-z]/i.test(text) ? `${form}, with the number of a port and not its name` : form
}

/** A port of this machine and one elsewhere: 8000, "8000" or "LOCAL:REMOTE". */
export const portMapping = z
  .union([port, z.string().regex(portText, { error: ({ input }) => portMistake(String(input)) })])
  .describe('"8000", or "18000:8000" for another port on this machine')

/** One value or a list of values. The result is always a list. */
export const oneOrMore = <T extends z.ZodType>(item: T) =>
  z.union([item, z.array(item)]).transform((value) => (Array.isArray(value) ? value : [value]) as z.output<T>[])
