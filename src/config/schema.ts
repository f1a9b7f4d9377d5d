import * as z from 'zod'
import { presetProfiles } from './preset-schema.ts'
import { cluster } from './schema-cluster.ts'
import { scale } from './schema-scale.ts'
import { name, oneOrMore, path, port, portMapping, variables } from './schema-values.ts'

/**
 * The one description of the configuration: its types, defaults, messages and JSON Schema come from here.
 * Paths are relative to the folder of the configuration file; load.ts makes them absolute.
 */
const build = z
  .strictObject({
    context: path.describe('Build context folder'),
    dockerfile: path.default('Dockerfile').describe('Dockerfile, relative to the context'),
    target: z.string().min(1).optional().describe('Stage of a multi-stage Dockerfile to stop at'),
    args: variables.default({}).describe('Build arguments'),
    platform: z
      .string()
      .regex(/^linux\/[a-z0-9]+(\/v\d)?$/, 'must look like linux/amd64')
      .optional()
      .describe('Platform to build for; default: that of the nodes'),
    secrets: z
      .record(
        z.string(),
        z.strictObject({
          file: path.optional().describe('File with the value'),
          env: z.string().optional().describe('Environment variable with the value'),
        }),
      )
      .default({})
      .describe('BuildKit secrets: id to a file or an environment variable'),
    cacheFrom: z.array(z.string()).default([]).describe('Images whose layers may be taken from'),
    noCache: z.boolean().default(false).describe('Build every step anew'),
    caCertificates: z
      .union([z.literal(true), path])
      .optional()
      .describe("PEM bundle that package clients in the build trust: a file, or true for this machine's own"),
  })
  .describe('How the image is built')

const syncRule = z.strictObject({
  from: path.describe('Folder or file, inside the build context'),
  to: z.string().describe('Absolute path in the container'),
  exclude: z.array(z.string()).default([]).describe('Patterns as in .dockerignore, relative to `from`'),
})

const dependency = z
  .union([
    z.string(),
    z.strictObject({
      name: z.string().describe('Service, external or job'),
      wait: z.boolean().default(true).describe('false: it is brought up too, but not waited for'),
    }),
  ])
  .transform((value) => (typeof value === 'string' ? { name: value, wait: true } : value))

const service = z.strictObject({
  build: build.optional(),
  image: z.string().min(1).optional().describe("Image name as the manifests write it; default: the service's name"),
  workload: z
    .string()
    .regex(/^[A-Za-z]+\/[a-z0-9.-]+$/, 'must look like Deployment/backend')
    .optional()
    .describe('Workload of this service; default: each one that runs the image'),
  container: z.string().optional().describe('Container in the workload; default: the one that runs the image'),
  replicas: z.number().int().min(0).optional().describe('Replaces the number in the manifests'),
  command: z.array(z.string()).optional().describe("Replaces the container's command, e.g. with one that reloads"),
  args: z.array(z.string()).optional().describe("Replaces the container's arguments"),
  env: variables.default({}).describe('Added to the container'),
  presetEnv: z
    .array(z.string())
    .default([])
    .describe('Presets whose variables are added too, such as jaeger for OTEL_*'),
  sync: z.array(syncRule).default([]).describe('Files that a save writes into the running container, with no rebuild'),
  ports: z.array(portMapping).default([]).describe('Ports forwarded to 127.0.0.1 while `up` or `dev` runs'),
  url: z.string().optional().describe('URL that needs no forward, printed by `up`, e.g. http://localhost:30080'),
  dependsOn: z.array(dependency).default([]).describe('Services, externals and jobs that must be ready first'),
})

const envFile = {
  fromEnvFile: path.describe('.env file with the values'),
  orElse: path.optional().describe('File to use while `fromEnvFile` does not exist, e.g. .env.example'),
  keys: z.array(z.string()).optional().describe('Which of its variables; default: all'),
}

const secret = z.strictObject({
  ...envFile,
  namespace: z.string().optional().describe("Default: the project's namespace"),
})

const external = z.strictObject({
  image: z.string().optional().describe('Image to run; or build'),
  build: build.optional(),
  port: port.describe('Port it listens on, in the container and as a Service'),
  env: variables.default({}).describe('Variables of its container'),
  secret: z.strictObject(envFile).optional().describe('Variables that are given as a Secret'),
  command: z.array(z.string()).optional().describe("Replaces the image's entry point"),
  args: z.array(z.string()).optional().describe("Replaces the image's arguments"),
  volume: z.string().startsWith('/').optional().describe('Path of data that survives restarts'),
  service: z
    .string()
    .optional()
    .describe("Name of the ExternalName Service in the project's namespace; default: its own"),
  forward: portMapping.optional().describe('Port forwarded to 127.0.0.1'),
})

const job = z.strictObject({
  service: z.string().optional().describe("Runs in this service's image, with its environment"),
  image: z.string().optional().describe('Image to run in, when it is not a service'),
  command: z.array(z.string()).min(1).describe('What it runs; its exit code is that of `devk run`'),
  env: variables.default({}).describe('Variables added to those of the service'),
  dependsOn: z.array(dependency).default([]).describe('What must be ready before it runs'),
})

const helmRelease = z.strictObject({
  name: name.describe('Name of the release'),
  chart: path.describe('Folder or archive of the chart'),
  namespace: z.string().optional().describe("Default: the project's namespace"),
  values: z.array(path).default([]).describe('Files of values; later ones win'),
  set: variables.default({}).describe('Single values, as with --set'),
})

const deploy = z.strictObject({
  manifests: oneOrMore(path).default([]).describe('Files, folders or patterns of plain YAML'),
  kustomize: oneOrMore(path).default([]).describe('Folders with a kustomization'),
  helm: z.array(helmRelease).default([]).describe('Releases of Helm charts'),
  overlays: z
    .record(z.string(), oneOrMore(path))
    .default({})
    .describe('Kustomizations for --overlay NAME, in place of `kustomize`; default: its neighbour of that name'),
  namespace: z
    .string()
    .optional()
    .describe('Namespace for objects that name none; default: the one that the manifests create, or `default`'),
})

const shape = {
  name: name.describe('Project: names the cluster and labels everything devk makes'),
  cluster: cluster.prefault({}).describe('The local cluster'),
  presets: z
    .array(z.string().min(1))
    .default([])
    .describe('Parts of the platform that are installed around the services: names, or folders such as ./presets/mail'),
  profile: z
    .enum(presetProfiles)
    .optional()
    .describe('A set of presets, besides those of `presets`: minimal, observability or full'),
  deploy: deploy.prefault({}).describe("The project's own manifests"),
  scale: scale.prefault({}).describe('Rules that fit production manifests to this machine'),
  services: z.record(name, service).default({}).describe('What is built here and runs in the cluster'),
  externals: z
    .record(name, external)
    .default({})
    .describe(
      'What is outside the cluster in production: runs in a namespace of its own behind an ExternalName Service',
    ),
  secrets: z
    .record(z.string(), secret)
    .default({})
    .describe('Secrets made from .env files; their values are in no other place'),
  jobs: z.record(name, job).default({}).describe('One-off commands for `devk run`, and for dependsOn'),
  timeout: z
    .string()
    .regex(/^\d+(s|m|h)$/, 'must look like 10m')
    .default('10m')
    .describe('How long `up` waits for readiness'),
}

export const configSchema = z
  .strictObject({
    $schema: z.string().optional().describe('For editors: where the JSON Schema is'),
    ...shape,
    profiles: z
      .record(name, z.record(z.string(), z.unknown()))
      .default({})
      .describe(
        'Named changes to all of the above, for --profile: objects are merged, lists replaced, and null takes a key away',
      ),
  })
  .describe('devk configuration')

/** What a configuration file may write. */
export type ConfigInput = z.input<typeof configSchema>
/** The checked form, with defaults filled in. */
export type Config = Omit<z.output<typeof configSchema>, 'profiles' | '$schema'>
export type Service = Config['services'][string]
export type Build = z.output<typeof build>
/** What a service or job needs, and whether it waits until that is ready. */
export type Dependency = z.output<typeof dependency>
export type SyncRule = z.output<typeof syncRule>
export type External = Config['externals'][string]
export type Secret = Config['secrets'][string]
export type Job = Config['jobs'][string]
export type Scale = Config['scale']

/** A configuration that was found and checked: no relative path is left in it. */
export interface LoadedConfig extends Config {
  /** Absolute path of the configuration file. */
  readonly file: string
  /** Absolute path of its folder. */
  readonly root: string
  /** The overlay of --overlay that `deploy.kustomize` is of. */
  readonly overlay: string | undefined
}
