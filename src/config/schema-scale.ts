import * as z from 'zod'

const factor = z.number().positive().max(1)
const factors = z.strictObject({
  cpu: factor.default(1).describe('Factor for CPU'),
  memory: factor.default(1).describe('Factor for memory'),
})
/** One factor for CPU and memory, or one for each. */
const factorOrTwo = z
  .union([factor, factors])
  .transform((value) => (typeof value === 'number' ? { cpu: value, memory: value } : value))
const renames = z.record(z.string().min(1), z.string().min(1)).default({})

/** The section `scale`: rules that adapt production manifests to this machine. */
export const scale = z.strictObject({
  overlays: z
    .array(z.string().min(1))
    .optional()
    .describe('Overlays that these rules apply to, such as production; default: whatever is deployed'),
  replicas: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe("Maximum number of replicas of a workload, and maximum of an autoscaler's minReplicas"),
  autoscale: z.number().int().min(1).optional().describe('Maximum of the maxReplicas of an autoscaler'),
  requests: factorOrTwo
    .optional()
    .describe('Factor for the requests of containers: 0.25, or { cpu: 0.1, memory: 0.5 }'),
  limits: z
    .union([z.literal(false), factorOrTwo])
    .optional()
    .describe('Factor for the limits of containers; false removes the limits'),
  storage: z
    .string()
    .regex(/^\d+(Mi|Gi|Ti)$/, 'must look like 1Gi')
    .optional()
    .describe('Maximum size of a volume claim'),
  storageClasses: renames.describe('Maps a storage class to one that the cluster has; all others become local aliases'),
  hosts: renames.describe('Maps a host or domain of Ingresses, routes and certificates to the one used here'),
  issuers: renames.describe('Maps a cert-manager issuer to the one used here; devk does not apply the original issuer'),
  externals: renames.describe(
    'Maps the host of an ExternalName Service to an external of this configuration, or to another host',
  ),
})
