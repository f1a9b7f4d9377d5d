import type { JsonSchema } from '../../config/json-schema.ts'

const service: JsonSchema = { type: 'string', description: 'Name of a service, as `status` lists it.' }

/** Descriptions of single inputs of the tools. */
export const inputs = {
  service,
  services: { type: 'array', items: { type: 'string' }, description: 'Names of services or externals. Default: all.' },
  writers: {
    type: 'array',
    items: { type: 'string' },
    description: 'Names of services, externals or programs of this machine. Default: all.',
  },
  grep: { type: 'string', description: 'Only lines that match this regular expression (JavaScript).' },
  tail: {
    type: 'integer',
    minimum: 1,
    maximum: 1000,
    description: 'The newest lines of each container. Default: 100.',
  },
  minutes: { type: 'number', minimum: 0, description: 'Only lines of the last minutes.' },
  seconds: { type: 'number', minimum: 1, maximum: 600, description: 'The longest time to wait. Default: 120.' },
  job: {
    type: 'string',
    description:
      'A job of the configuration, in the cluster or on this machine, or a service that is a Job or CronJob.',
  },
  command: {
    type: 'array',
    items: { type: 'string' },
    minItems: 1,
    description: 'The program and its arguments, such as ["python", "-V"].',
  },
  container: { type: 'string', description: 'Name of the container. Default: the one of the service.' },
  revision: { type: 'integer', minimum: 1, description: 'The revision. Default: the one before the current.' },
} as const satisfies Readonly<Record<string, JsonSchema>>

/** The schema of the input of a tool. */
export function inputOf(
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = [],
): JsonSchema {
  return { type: 'object', properties, required, additionalProperties: false }
}
