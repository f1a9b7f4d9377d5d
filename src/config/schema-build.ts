import * as z from 'zod'
import { limit, path, variables } from './schema-values.ts'

const output = z.strictObject({
  from: path.describe('File or folder that the command makes'),
  to: z.string().describe('Absolute path in the container'),
})

const local = z
  .strictObject({
    command: z
      .array(z.string())
      .min(1)
      .describe('Program and arguments; it runs on this machine, in the build context, and without a shell'),
    outputs: z.array(output).min(1).describe('What it makes, and where that belongs in the container'),
    env: variables.default({}).describe('Environment variables to add, such as GOOS: linux'),
    watch: z
      .array(z.string())
      .optional()
      .describe(
        'Files whose changes start it: patterns as in .dockerignore, relative to the context; ' +
          'default: all of the image that no `sync` rule covers',
      ),
    timeout: limit.default('10m').describe('How long it may run'),
    restart: z
      .boolean()
      .default(true)
      .describe('Start the program of the container again when the outputs have arrived; the pod stays'),
  })
  .describe('Compile on this machine after a save, and send what comes out into the running container')

/** The section `build` of an external. */
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

/** The section `build` of a service. */
export const serviceBuild = build
  .extend({
    local: local.optional(),
    command: z
      .array(z.string())
      .min(1)
      .optional()
      .describe(
        'Program and arguments that make the image in place of a Dockerfile, such as ko, Jib, pack, bazel or make. ' +
          'It runs on this machine, in the build context, and without a shell. It gives its image the name ' +
          '`$DEVK_IMAGE`, which is replaced in the arguments, or prints the name or ID as its last line',
      ),
    env: variables
      .default({})
      .describe('Environment variables to add for `command`; `$DEVK_IMAGE` is replaced here, too'),
    watch: z
      .array(z.string())
      .optional()
      .describe(
        'Files that `command` makes the image from: patterns as in .dockerignore, relative to the context; ' +
          'default: all that .gitignore and .dockerignore of the context do not name',
      ),
    timeout: limit.default('30m').describe('How long `command` may run'),
  })
  .describe('How the image is built')
