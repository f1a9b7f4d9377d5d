import * as z from 'zod'

/** The one description of `preset.yaml`: its types, defaults and messages come from here. presets/README.md explains it. */
const name = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/, 'must be lower-case letters, digits and dashes, 40 at most')
const port = z.number().int().min(1).max(65535)
const reference = z.string().regex(/^[^\s@]+:[\w.-]+$/, 'must be an image with its tag')

/** The sets that `profile` in a configuration chooses among, each within the next. */
export const presetProfiles = ['minimal', 'observability', 'full'] as const

/** Pure functions of src/presets/generate that a preset may ask for by name. */
const generators = [
  'service-dashboards',
  'host-certificates',
  'service-certificate',
  'cluster-hosts',
  'project-monitors',
] as const

const image = z.strictObject({
  image: reference.describe('As the manifests write it'),
  digest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 hexadecimal digits')
    .optional()
    .describe('Of the published image; what is pulled must have it'),
  kit: reference.optional().describe('What the kit builds instead, where it cannot build this version'),
  available: z.boolean().default(true).describe('False: it can only be had from a container registry'),
  reason: z.string().optional().describe('Why it cannot be had otherwise'),
  get: z.string().optional().describe('How to get it, one sentence'),
})

const wait = z.strictObject({
  apiVersion: z.string().describe('Such as metrics.k8s.io/v1beta1'),
  kind: z.string().describe('Such as NodeMetrics'),
  namespace: z.string().optional(),
  name: z.string().optional().describe('This object must be ready; without a name at least one must be there'),
})

export const presetSchema = z.strictObject({
  name,
  description: z.string().min(1).max(100).describe('One line for `devk preset list`'),
  version: z.string().min(1).describe('Of the main program, as its project writes it'),
  source: z.url().optional().describe('Where the manifests come from, or the releases of the program'),
  namespace: name.describe('Made for the preset; presets may share one'),
  profiles: z.array(z.enum(presetProfiles)).default([]).describe('Sets it belongs to'),
  needs: z.array(name).default([]).describe('Presets that are installed with it, and are ready before it'),
  kubernetes: z
    .string()
    .regex(/^>=\d+\.\d+( <\d+\.\d+)?$/, 'must look like ">=1.31" or ">=1.31 <1.40"')
    .default('>=1.29')
    .describe('Versions of Kubernetes it runs on'),
  images: z.array(image).default([]).describe('Every image of the manifests'),
  resources: z
    .strictObject({ cpu: z.string(), memory: z.string() })
    .optional()
    .describe('Sum of the requests of one pod of each workload, such as 50m and 64Mi'),
  hostPorts: z
    .array(z.strictObject({ node: port, host: z.array(port).min(1) }))
    .default([])
    .describe('Ports of the node that this machine reaches at 127.0.0.1, and the ports to try there, best first'),
  ports: z
    .array(
      z.strictObject({
        name: name.describe('For messages, and `devk open`'),
        service: name,
        port: port.describe('Of the Service'),
        forward: port.optional().describe('Port at 127.0.0.1 while `up` or `dev` runs; none: not forwarded'),
      }),
    )
    .default([]),
  urls: z
    .array(
      z.strictObject({
        name,
        host: z.string().optional().describe('Host name, which the preset ingress serves'),
        forward: name.optional().describe('Name of one of `ports`, for when there is no ingress'),
        path: z.string().startsWith('/').default('/'),
      }),
    )
    .default([])
    .describe('What `up` prints and `devk open` opens'),
  wait: z.array(wait).default([]).describe('What must be there besides the manifests’ own objects'),
  serviceEnv: z
    .record(z.string(), z.string())
    .default({})
    .describe('Variables of services that ask for them with presetEnv; {service} stands for the service’s name'),
  generate: z.array(z.enum(generators)).default([]).describe('Objects made from the configuration'),
})

/** A checked `preset.yaml`. */
export type PresetSpec = z.output<typeof presetSchema>
export type PresetProfile = (typeof presetProfiles)[number]
export type Generator = (typeof generators)[number]
