import * as z from 'zod'
import { path, variables } from './schema-values.ts'

/** The section `build` of a service or external. */
export const build = z
  .strictObject({
    context: path.describe('Build context folder'),
    dockerfile: path.default('Dockerfile').describe('Dockerfile, relative to the context'),
    contexts: z
      .record(z.string().min(1), z.string().min(1))
      .default({})
      .describe(
        'More contexts by name, for `FROM` and `--from`: a folder, `service:NAME`, or what `--build-context` takes',
      ),
    ssh: z
      .array(z.string().regex(/^[^=,]+(=.+)?$/, 'must be "default" or "ID=FILE"'))
      .default([])
      .describe('SSH agent (`default`) or keys (`ID=FILE`) for `RUN --mount=type=ssh`'),
    target: z.string().min(1).optional().describe('Stage of a multi-stage Dockerfile to build'),
    args: variables.default({}).describe('Build arguments'),
    platform: z
      .string()
      .regex(/^linux\/[a-z0-9]+(\/v\d)?$/, 'must look like linux/amd64')
      .optional()
      .describe('Platform to build for; default: the platform of the nodes'),
    secrets: z
      .record(
        z.string(),
        z.strictObject({
          file: path.optional().describe('File with the value'),
          env: z.string().optional().describe('Environment variable with the value'),
        }),
      )
      .default({})
      .describe('BuildKit secrets: maps an id to a file or an environment variable'),
    cacheFrom: z.array(z.string()).default([]).describe('Images to use as a cache source'),
    noCache: z.boolean().default(false).describe('Build every step again, without the cache'),
    caCertificates: z
      .union([z.literal(true), path])
      .optional()
      .describe('Certificates that package managers in the build trust: a PEM file, or true for those of this machine'),
  })
  .describe('How the image is built')
