import * as z from 'zod'

const factor = z.number().positive().max(1)
const factors = z.strictObject({
  cpu: factor.default(1).describe('Factor for CPU'),
  memory: factor.default(1).describe('Factor for memory'),
})
/** One factor for both, or one each. */
const factorOrTwo = z
  .union([factor, factors])
  .transform((value) => (typeof value === 'number' ? { cpu: value, memory: value } : value))
const renames = z.record(z.string().min(1), z.string().min(1)).default({})

/** The section `scale`: rules that fit production's manifests to this machine. */
export const scale = z.strictObject({
  overlays: z
    .array(z.string().min(1))
    .optional()
    .describe('Overlays that these rules are for, such as production; default: whatever is deployed'),
  replicas: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe("At most this many replicas of a workload, and as an autoscaler's minimum"),
  autoscale: z.number().int().min(1).optional().describe('At most this many replicas by an autoscaler'),
  requests: factorOrTwo.optional().describe('Factor for what containers request: 0.25, or { cpu: 0.1, memory: 0.5 }'),
  limits: z
    .union([z.literal(false), factorOrTwo])
    .optional()
    .describe('Factor for the limits of containers; false takes them away'),
  storage: z
    .string()
    .regex(/^\d+(Mi|Gi|Ti)$/, 'must look like 1Gi')
    .optional()
    .describe('At most this much for a volume claim'),
  storageClasses: renames.describe('Storage class to another one that the cluster has; the rest become local aliases'),
  hosts: renames.describe('Host or domain of Ingresses, routes and certificates to the one used here'),
  issuers: renames.describe('cert-manager issuer to the one used here; its own definition is left out'),
  externals: renames.describe('Host of an ExternalName Service to an external of this configuration, or another host'),
})
