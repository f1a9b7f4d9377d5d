import * as z from 'zod'
import { limit, path } from './schema-values.ts'

const after = z.strictObject({
  command: z
    .union([z.string().min(1), z.array(z.string()).min(1)])
    .describe('Program and arguments, or a line for `sh -c` in the container'),
  when: z
    .array(z.string())
    .default([])
    .describe('Run it only for these files: patterns as in .dockerignore, relative to `from`; default: for each file'),
  timeout: limit.default('10m').describe('How long it may run'),
})

/** An entry of `sync` of a service. */
export const syncRule = z.strictObject({
  from: path.describe('Folder or file, inside the build context'),
  to: z.string().describe('Absolute path in the container'),
  exclude: z
    .array(z.string())
    .default([])
    .describe('Files that devk neither syncs nor builds for: patterns as in .dockerignore, relative to `from`'),
  pull: z
    .array(z.string())
    .default([])
    .describe(
      'Files to bring back from the container when they are newer there: patterns as in .dockerignore, relative to ' +
        '`from`, that begin with a name',
    ),
  run: z
    .array(after)
    .default([])
    .describe('Commands to run in the container, one after the other, when files of a save have arrived'),
  restart: z
    .boolean()
    .default(false)
    .describe('Start the program of the container again when files have arrived and `run` is done; the pod stays'),
})
