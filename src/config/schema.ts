import * as z from 'zod'
import { presetProfiles } from './preset-schema.ts'
import { build, serviceBuild } from './schema-build.ts'
import { cluster } from './schema-cluster.ts'
import { deploy } from './schema-deploy.ts'
import { presetEntry } from './schema-presets.ts'
import { scale } from './schema-scale.ts'
import { syncRule } from './schema-sync.ts'
import { name, path, port, portMapping, variables } from './schema-values.ts'

/**
 * The schema of the configuration. Types, defaults, messages, the JSON Schema and docs/configuration.md come from it.
 * Paths are relative to the folder of the configuration file; resolve.ts makes them absolute.
 */
const dependency = z
  .union([
    z.string(),
    z.strictObject({
      name: z.string().describe('Service, external or job'),
      wait: z.boolean().default(true).describe('false: start it too, but do not wait for it'),
    }),
  ])
  .transform((value) => (typeof value === 'string' ? { name: value, wait: true } : value))

const service = z.strictObject({
  build: serviceBuild.optional(),
  image: z
    .string()
    .min(1)
    .optional()
    .describe('Image name as in the manifests, with a tag if only that tag counts; default: the name of the service'),
  workload: z
    .string()
    .regex(/^[A-Za-z]+\/[a-z0-9.-]+$/, 'must look like Deployment/backend')
    .optional()
    .describe('Workload of this service; default: every workload that runs the image'),
  container: z.string().optional().describe('Container in the workload; default: the container that runs the image'),
  replicas: z.number().int().min(0).optional().describe('Number of replicas; replaces the number in the manifests'),
  command: z
    .array(z.string())
    .optional()
    .describe("Replaces the container's command, for example with one that reloads on changes"),
  args: z.array(z.string()).optional().describe("Replaces the container's arguments"),
  env: variables.default({}).describe('Environment variables to add to the container'),
  presetEnv: z
    .array(z.string())
    .default([])
    .describe('Presets whose environment variables are added, such as jaeger for OTEL_*'),
  sync: z
    .array(syncRule)
    .default([])
    .describe('Files that devk writes into the running container on each save, without a rebuild'),
  ignore: z
    .array(z.string())
    .default([])
    .describe('Files in the build context whose changes devk ignores: patterns as in .dockerignore'),
  rebuild: z
    .array(z.string())
    .default([])
    .describe('Files whose changes make a new image although `sync` covers them: patterns as in .dockerignore'),
  trigger: z
    .enum(['auto', 'manual'])
    .default('auto')
    .describe('When a save of this service is sent: at once, or when you run `devk trigger`'),
  ports: z
    .array(portMapping)
    .default([])
    .describe('Ports of the pods, or of their Service, to forward to 127.0.0.1 while `devk up` or `devk dev` runs'),
  url: z
    .string()
    .optional()
    .describe('URL that works without a forward, such as http://localhost:30080; `devk up` prints it'),
  dependsOn: z
    .array(dependency)
    .default([])
    .describe('Services, externals and jobs that must be ready before this service starts'),
})

const envFile = {
  fromEnvFile: path.describe('.env file with the values, in the syntax of Docker Compose; `$` stands for itself'),
  orElse: path.optional().describe('File to use if `fromEnvFile` does not exist, such as .env.example'),
  keys: z.array(z.string()).optional().describe('Variables to use; default: all'),
}

const secret = z.strictObject({
  ...envFile,
  namespace: z.string().optional().describe('Namespace of the Secret; default: the namespace of the project'),
})

const external = z.strictObject({
  image: z.string().optional().describe('Image to run; set either this or `build`'),
  build: build.optional(),
  port: port.describe('Port of the container and of its Service'),
  env: variables.default({}).describe('Environment variables of the container'),
  secret: z.strictObject(envFile).optional().describe('Environment variables that come from a Secret'),
  command: z.array(z.string()).optional().describe('Replaces the entry point of the image'),
  args: z.array(z.string()).optional().describe('Replaces the arguments of the image'),
  volume: z.string().startsWith('/').optional().describe('Path in the container whose data survives restarts'),
  service: z
    .string()
    .optional()
    .describe('Name of the ExternalName Service in the namespace of the project; default: the name of the external'),
  forward: portMapping.optional().describe('Port to forward to 127.0.0.1'),
})

const job = z.strictObject({
  service: z.string().optional().describe('Service whose image and environment the job uses'),
  image: z.string().optional().describe('Image to use instead of the image of a service'),
  local: z
    .boolean()
    .default(false)
    .describe(
      'true: `devk run` runs the command on this machine, without a shell, and not in the cluster; ' +
        '`service`, `image` and `dependsOn` are for jobs in the cluster',
    ),
  command: z.array(z.string()).min(1).describe('Command to run; `devk run` exits with its exit code'),
  cwd: path.default('.').describe('Folder of this machine that it runs in, with `local`'),
  env: variables.default({}).describe('Environment variables to add, to those of the service if there is one'),
  dependsOn: z
    .array(dependency)
    .default([])
    .describe('Services, externals and jobs that must be ready before the job runs'),
})

const local = z.strictObject({
  command: z
    .array(z.string())
    .min(1)
    .describe('Program and arguments; it runs on this machine and without a shell, while `devk up` or `devk dev` runs'),
  cwd: path.default('.').describe('Folder that it runs in'),
  env: variables.default({}).describe('Environment variables to add'),
  ports: z
    .array(port)
    .default([])
    .describe(
      'Ports of this machine that it listens on; devk prints their URLs, and pods reach them at host.devk.internal',
    ),
  watch: z
    .array(z.string())
    .optional()
    .describe(
      'Files whose changes start it again: patterns as in .dockerignore, relative to `cwd`; ' +
        'default: none, and any file of `cwd` after a crash',
    ),
  dependsOn: z.array(z.string()).default([]).describe('Services and externals that must be ready before it starts'),
})

const hostPattern = z
  .string()
  .regex(/^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'must be a host, such as abc.example.com or *.example.com')

const shape = {
  name: name.describe(
    'Name of the project: devk names the cluster after it and labels everything that it creates with it',
  ),
  cluster: cluster.prefault({}).describe('The local cluster'),
  presets: z
    .array(presetEntry)
    .default([])
    .describe(
      'Parts of the platform to install around the services: names, folders such as ./presets/mail, or charts, ' +
        'kustomizations and manifests from elsewhere',
    ),
  profile: z.enum(presetProfiles).optional().describe('A set of presets to install in addition to `presets`'),
  deploy: deploy.prefault({}).describe('The manifests of the project'),
  scale: scale.prefault({}).describe('Rules that adapt production manifests to this machine'),
  services: z.record(name, service).default({}).describe('Applications that are built here and run in the cluster'),
  externals: z
    .record(name, external)
    .default({})
    .describe('Substitutes for what is outside the cluster in production; each is behind an ExternalName Service'),
  secrets: z
    .record(z.string(), secret)
    .default({})
    .describe('Secrets that are created from .env files; devk stores their values nowhere else'),
  jobs: z.record(name, job).default({}).describe('Commands that run once, for `devk run` and for `dependsOn`'),
  locals: z
    .record(name, local)
    .default({})
    .describe(
      'Programs that run on this machine beside the pods, such as a development server; `devk up -d` starts none',
    ),
  allowedHosts: z
    .array(hostPattern)
    .default([])
    .describe(
      'Hosts that requests through forwards may name, such as that of a tunnel, besides localhost and names that end ' +
        'in .localhost, .test or .internal',
    ),
  timeout: z
    .string()
    .regex(/^\d+(s|m|h)$/, 'must look like 10m')
    .default('10m')
    .describe('How long `devk up` waits until everything is ready'),
}

/** The schema of a whole configuration file. */
export const configSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Location of the JSON Schema, for editors'),
    ...shape,
    profiles: z
      .record(name, z.record(z.string(), z.unknown()))
      .default({})
      .describe(
        'Named changes for `--profile`: objects are merged, lists replaced, `key+` adds to a list, null removes a key',
      ),
  })
  .describe('devk configuration')

/** The configuration as a file contains it: everything with a default is optional. */
export type ConfigInput = z.input<typeof configSchema>
/** The validated configuration with all defaults, without `profiles`. */
export type Config = Omit<z.output<typeof configSchema>, 'profiles' | '$schema'>
/** An entry of `services`. */
export type Service = Config['services'][string]
/** The section `build` of a service or external. */
export type Build = z.output<typeof build>
/** The section `build` of a service. */
export type ServiceBuild = NonNullable<Service['build']>
/** The section `build.local` of a service. */
export type LocalBuild = NonNullable<ServiceBuild['local']>
/** An entry of `dependsOn`: what a service or job needs, and whether it waits until that is ready. */
export type Dependency = z.output<typeof dependency>
/** An entry of `sync`. */
export type SyncRule = z.output<typeof syncRule>
/** An entry of `externals`. */
export type External = Config['externals'][string]
/** An entry of `secrets`. */
export type Secret = Config['secrets'][string]
/** An entry of `jobs`. */
export type Job = Config['jobs'][string]
/** An entry of `locals`. */
export type Local = Config['locals'][string]
/** The section `scale`. */
export type Scale = Config['scale']

/** A configuration that devk found and validated. All its paths are absolute. */
export interface LoadedConfig extends Config {
  /** Absolute path of the configuration file. */
  readonly file: string
  /** Absolute path of its folder. */
  readonly root: string
  /** The name that `--overlay` chose; `deploy.kustomize` is then its folders. */
  readonly overlay: string | undefined
}
