import * as z from 'zod'
import { name, oneOrMore, path, portMapping, variables } from './schema-values.ts'

const nodeSize = z.strictObject({
  cpu: z.number().min(0.25).max(512).optional().describe('CPUs that pods can request and use, such as 2 or 0.5'),
  memory: z
    .string()
    .regex(/^\d+(Mi|Gi)$/, 'must look like 4Gi or 1536Mi')
    .optional()
    .describe('Memory that pods can request and use, such as 4Gi'),
})

const node = z.strictObject({
  count: z.number().int().min(1).max(20).default(1).describe('Number of workers in this group'),
  labels: variables.default({}).describe('Node labels'),
  taints: z
    .array(
      z
        .string()
        .regex(/^[^:=\s]+(=[^:\s]*)?:(NoSchedule|PreferNoSchedule|NoExecute)$/, 'must look like key=value:NoSchedule'),
    )
    .default([])
    .describe('Node taints, as key=value:Effect or key:Effect'),
  zone: z.string().optional().describe('Value of topology.kubernetes.io/zone'),
  size: nodeSize.optional().describe('Size of each of these workers; default: `nodeSize`'),
})

/** The pod networks that Minikube provides. Any other value of `cni` is a file. */
export const minikubeNetworks: ReadonlySet<string> = new Set([
  'auto',
  'bridge',
  'calico',
  'cilium',
  'false',
  'flannel',
  'kindnet',
])

/** The section `cluster`: the cluster that devk creates with kind or Minikube, or an existing one that it uses. */
export const cluster = z.strictObject({
  provider: z
    .enum(['kind', 'minikube', 'existing'])
    .default('kind')
    .describe('Tool that creates the cluster, or `existing` to use a cluster by its kubeconfig context'),
  name: name
    .optional()
    .describe('Name of the cluster, and with Minikube of the profile; default: the name of the project'),
  controlPlanes: z.number().int().min(1).max(7).default(1).describe('Number of control-plane nodes'),
  workers: z
    .union([z.number().int().min(0).max(20), z.array(node)])
    .default(0)
    .transform((value) => (typeof value === 'number' ? (value === 0 ? [] : [node.parse({ count: value })]) : value))
    .describe('Number of workers, or groups of them with labels, taints, zone and size'),
  nodeSize: nodeSize.optional().describe('Size of each node; default: each node offers the whole machine'),
  image: z.string().optional().describe('Node image; default: an image that fits this machine'),
  ports: z.array(portMapping).default([]).describe('Node ports to map to 127.0.0.1, such as 30080 or "8080:80"'),
  loadBalancers: z
    .record(z.string(), oneOrMore(portMapping))
    .default({})
    .describe(
      'LoadBalancer Services to serve on this machine: maps "web" or "shop/web" to "8080:80" (LOCAL:SERVICE PORT)',
    ),
  podSubnet: z.string().optional().describe('IPv4 range of the pods'),
  serviceSubnet: z.string().optional().describe('IPv4 range of the Services'),
  kubeadmPatches: z
    .array(z.string())
    .default([])
    .describe('Patches of the kubeadm configuration of every node, as YAML'),
  encryptSecrets: z
    .boolean()
    .default(false)
    .describe('kind: encrypt Secrets in etcd, with a key that only you can read and that lies beside the kubeconfig'),
  kubernetesVersion: z
    .string()
    .regex(/^v\d+\.\d+\.\d+$/, 'must look like v1.34.4')
    .optional()
    .describe('Minikube: version of Kubernetes; default: a version that fits this machine'),
  cni: z
    .string()
    .optional()
    .describe('Minikube: the pod network, or a file with its manifests; default: Minikube decides'),
  mount: z
    .string()
    .regex(/^[^:]+:\/[^:]+$/, 'must look like folder:/path/in/nodes')
    .optional()
    .describe('A folder of this machine and its path in every node, for hostPath volumes, such as data:/srv/data'),
  startArgs: z
    .array(z.string())
    .default([])
    .describe('Minikube: additional arguments of `minikube start` for what is inside the nodes, such as `--memory=6g`'),
  context: z.string().min(1).optional().describe('Existing: the kubeconfig context that devk uses'),
  project: name
    .optional()
    .describe('Existing: the devk project whose cluster is used, instead of `context`; namespaces do not change'),
  kubeconfig: path
    .optional()
    .describe('Existing: the kubeconfig file with the context; default: KUBECONFIG, or ~/.kube/config'),
  registry: z
    .string()
    .regex(/^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)*$/, 'must look like registry.example.com/team or host:5000')
    .optional()
    .describe('Existing: the registry that devk pushes built images to and the nodes pull from'),
  imagePullSecrets: z
    .array(z.string())
    .default([])
    .describe('Existing: Secrets in the namespace that the nodes use to pull from `registry`'),
  namespace: z
    .string()
    .regex(/^[-a-z0-9{}]+$/, 'must be lower-case letters, digits, dashes, {user} and {project}')
    .optional()
    .describe('Existing: the namespace for this developer; default: {user}-{project}'),
  deny: z
    .array(z.string().min(1))
    .default([])
    .describe('Existing: contexts, clusters or servers that devk must never use; * matches anything'),
})
