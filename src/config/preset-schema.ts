import * as z from 'zod'

// The schema of `preset.yaml`. Types, defaults and messages come from it. presets/README.md explains the format.

const name = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/, 'must be lower-case letters, digits and dashes, 40 at most')
const port = z.number().int().min(1).max(65535)
const reference = z.string().regex(/^[^\s@]+:[\w.-]+$/, 'must be an image with its tag')

/** The values of `profile` in a configuration. Each set contains the one before it. */
export const presetProfiles = ['minimal', 'observability', 'full'] as const

/** Names of the functions in src/presets/generate.ts that a preset can call. */
const generators = [
  'service-dashboards',
  'host-certificates',
  'service-certificate',
  'cluster-hosts',
  'project-monitors',
  'passwords',
] as const

const image = z.strictObject({
  image: reference.describe('Image name as in the manifests'),
  digest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 hexadecimal digits')
    .optional()
    .describe('Digest of the published image; a pulled image must have it'),
  kit: reference.optional().describe('Image that the kit builds instead if it cannot build this version'),
  available: z.boolean().default(true).describe('false: the image is only available from a container registry'),
  reason: z.string().optional().describe('Why the image is not available elsewhere'),
  get: z.string().optional().describe('How to get the image, in one sentence'),
})

const wait = z.strictObject({
  apiVersion: z.string().describe('API version, such as metrics.k8s.io/v1beta1'),
  kind: z.string().describe('Kind, such as NodeMetrics'),
  namespace: z.string().optional(),
  name: z.string().optional().describe('Object that must be ready; without a name, at least one object must exist'),
})

/** The schema of a whole `preset.yaml`. */
export const presetSchema = z.strictObject({
  name,
  description: z.string().min(1).max(100).describe('One line for `devk preset list`'),
  version: z.string().min(1).describe('Version of the main program, as its project writes it'),
  source: z.url().optional().describe('URL of the original manifests, or of the releases of the program'),
  namespace: name.describe('Namespace that devk creates for the preset; presets can share one'),
  profiles: z.array(z.enum(presetProfiles)).default([]).describe('Profiles that contain the preset'),
  needs: z.array(name).default([]).describe('Presets that are installed with this one, and ready before it'),
  kubernetes: z
    .string()
    .regex(/^>=\d+\.\d+( <\d+\.\d+)?$/, 'must look like ">=1.31" or ">=1.31 <1.40"')
    .default('>=1.29')
    .describe('Versions of Kubernetes that the preset supports'),
  images: z.array(image).default([]).describe('Every image of the manifests'),
  resources: z
    .strictObject({ cpu: z.string(), memory: z.string() })
    .optional()
    .describe('Sum of the requests of one pod of each workload, such as 50m and 64Mi'),
  hostPorts: z
    .array(z.strictObject({ node: port, host: z.array(port).min(1) }))
    .default([])
    .describe('Node ports to map to 127.0.0.1, each with the local ports to try, in this order'),
  ports: z
    .array(
      z.strictObject({
        name: name.describe('Name of the port, for messages and `urls`'),
        service: name,
        port: port.describe('Port of the Service'),
        forward: port.optional().describe('Port of 127.0.0.1 to forward to this port; default: none'),
      }),
    )
    .default([]),
  urls: z
    .array(
      z.strictObject({
        name,
        host: z.string().optional().describe('Host name that the preset ingress serves'),
        forward: name.optional().describe('Name of an entry of `ports`, used if the preset ingress is not installed'),
        path: z.string().startsWith('/').default('/'),
      }),
    )
    .default([])
    .describe('URLs that `devk up` prints and `devk open` opens'),
  wait: z.array(wait).default([]).describe('Objects to wait for in addition to those of the manifests'),
  serviceEnv: z
    .record(z.string(), z.string())
    .default({})
    .describe(
      'Variables for services that list the preset in presetEnv; {service} is the name of the service, and ' +
        '$(DEVK_POD_NAME) that of the pod',
    ),
  generate: z.array(z.enum(generators)).default([]).describe('Objects that devk generates from the configuration'),
})

/** A validated `preset.yaml`, with all defaults. */
export type PresetSpec = z.output<typeof presetSchema>
/** A value of `profile`. */
export type PresetProfile = (typeof presetProfiles)[number]
/** A value of `generate`. */
export type Generator = (typeof generators)[number]
