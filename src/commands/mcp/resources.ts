import { jsonSchema } from '../../config/json-schema.ts'
import type { CliContext } from '../../context.ts'
import { errorCodes } from '../../error-codes.ts'
import { DevkError } from '../../errors.ts'
import { findRecord } from '../../project/open.ts'
import { recordedOf } from '../ui/changes.ts'

/** A document that an agent can read. */
export interface Resource {
  readonly uri: string
  readonly name: string
  readonly description: string
  readonly mimeType: string
  read(ctx: CliContext): Promise<string>
}

const json = 'application/json'

/** All resources of `devk mcp`. */
export const resources: readonly Resource[] = [
  {
    uri: 'devk://schema',
    name: 'schema of the configuration',
    description: 'JSON Schema of platform.config.*, with a description of each key.',
    mimeType: json,
    read: async () => JSON.stringify(jsonSchema()),
  },
  {
    uri: 'devk://errors',
    name: 'errors',
    description: 'Each error code of devk with its cause and what to do.',
    mimeType: json,
    read: async () => JSON.stringify(errorCodes, null, 1),
  },
  {
    uri: 'devk://topology',
    name: 'topology',
    description: 'Services with their URLs, workloads and what they need; externals and presets.',
    mimeType: json,
    async read(ctx) {
      const record = await findRecord(ctx)
      if (record !== undefined) return JSON.stringify(recordedOf(record), null, 1)
      throw new DevkError('CLUSTER_MISSING', `No stack is up for ${ctx.cwd}`, { hint: 'Run devk up first.' })
    },
  },
]
