import * as z from 'zod'
import { name, oneOrMore, path, portMapping, variables } from './schema-values.ts'

const nodeSize = z.strictObject({
  cpu: z.number().min(0.25).max(512).optional().describe('CPUs that its pods may request and use: 2, or 0.5'),
  memory: z
    .string()
    .regex(/^\d+(Mi|Gi)$/, 'must look like 4Gi or 1536Mi')
    .optional()
    .describe('Memory that its pods may request and use: 4Gi'),
})

const node = z.strictObject({
  count: z.number().int().min(1).max(20).default(1).describe('Workers of this kind'),
  labels: variables.default({}).describe('Node labels'),
  taints: z
    .array(
      z
        .string()
        .regex(/^[^:=\s]+(=[^:\s]*)?:(NoSchedule|PreferNoSchedule|NoExecute)$/, 'must look like key=value:NoSchedule'),
    )
    .default([])
    .describe('Node taints: key=value:Effect or key:Effect'),
  zone: z.string().optional().describe('Value of topology.kubernetes.io/zone'),
  size: nodeSize.optional().describe('Size of these workers; default: `nodeSize`'),
})

/** The pod networks that Minikube brings; any other value of `cni` is a file. */
export const minikubeNetworks: ReadonlySet<string> = new Set([
  'auto',
  'bridge',
  'calico',
  'cilium',
  'false',
  'flannel',
  'kindnet',
])

/** The cluster that devk makes with kind or Minikube, or the existing one that it may use. */
export const cluster = z.strictObject({
  provider: z
    .enum(['kind', 'minikube', 'existing'])
    .default('kind')
    .describe('Tool that makes the cluster; or `existing`: one that is there, by its kubeconfig context'),
  name: name.optional().describe("Default: the project's name; with Minikube the profile"),
  controlPlanes: z.number().int().min(1).max(7).default(1).describe('Number of control-plane nodes'),
  workers: z
    .union([z.number().int().min(0).max(20), z.array(node)])
    .default(0)
    .transform((value) => (typeof value === 'number' ? (value === 0 ? [] : [node.parse({ count: value })]) : value))
    .describe('Number of workers, or groups of them with labels, taints, zone and size'),
  nodeSize: nodeSize.optional().describe('Size of each node; default: each one takes itself for the whole machine'),
  image: z.string().optional().describe('Node image; default: the one that fits this machine'),
  ports: z.array(portMapping).default([]).describe('Node ports mapped to 127.0.0.1: 30080 or "8080:80"'),
  loadBalancers: z
    .record(z.string(), oneOrMore(portMapping))
    .default({})
    .describe(
      'LoadBalancer Services that this machine answers for: "web" or "shop/web" to "8080:80" (LOCAL:SERVICE PORT)',
    ),
  podSubnet: z.string().optional().describe('IPv4 network of the pods'),
  serviceSubnet: z.string().optional().describe('IPv4 network of the Services'),
  kubeadmPatches: z.array(z.string()).default([]).describe('Patches to kubeadm configuration, as YAML, for every node'),
  kubernetesVersion: z
    .string()
    .regex(/^v\d+\.\d+\.\d+$/, 'must look like v1.34.4')
    .optional()
    .describe('Minikube: the Kubernetes to run; default: the one that fits this machine'),
  cni: z
    .string()
    .optional()
    .describe('Minikube: the pod network, or a file with its manifests; default: its own choice'),
  mount: z
    .string()
    .regex(/^[^:]+:\/[^:]+$/, 'must look like folder:/path/in/nodes')
    .optional()
    .describe('Minikube: a folder here and its path in the nodes'),
  startArgs: z.array(z.string()).default([]).describe('Minikube: more arguments for `minikube start`'),
  context: z.string().min(1).optional().describe('Existing: the kubeconfig context that devk may use'),
  project: name
    .optional()
    .describe('Existing: the project of devk whose cluster it is, in place of `context`; namespaces stay as they are'),
  kubeconfig: path
    .optional()
    .describe('Existing: the file that has the context; default: KUBECONFIG, or ~/.kube/config'),
  registry: z
    .string()
    .regex(/^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)*$/, 'must look like registry.example.com/team or host:5000')
    .optional()
    .describe('Existing: where built images are pushed to, and the nodes pull them from'),
  imagePullSecrets: z
    .array(z.string())
    .default([])
    .describe('Existing: Secrets in the namespace with which the nodes pull from `registry`'),
  namespace: z
    .string()
    .regex(/^[-a-z0-9{}]+$/, 'must be lower-case letters, digits, dashes, {user} and {project}')
    .optional()
    .describe('Existing: the namespace of this developer; default: {user}-{project}'),
  deny: z
    .array(z.string().min(1))
    .default([])
    .describe('Existing: contexts, clusters or servers that must never be used; * stands for anything'),
  allowProduction: z
    .string()
    .optional()
    .describe('Existing: the context to use although it looks like production, by its full name'),
})
