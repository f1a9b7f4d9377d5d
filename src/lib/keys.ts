/** Labels on Kubernetes objects, containers and images, by which devk finds what it made. */
export const labels = {
  project: 'devk.dev/project',
  service: 'devk.dev/service',
  external: 'devk.dev/external',
  job: 'devk.dev/job',
  preset: 'devk.dev/preset',
  /**
   * On the EndpointSlice of `devk swap`: the session. In the selector of the Service, it selects no pod. The same value
   * is in agent/internal/restore.
   */
  swap: 'devk.dev/swap',
  /** Content hash of the object as it was applied. */
  hash: 'devk.dev/hash',
  managedBy: 'app.kubernetes.io/managed-by',
} as const

/**
 * Prefix of the labels that name all services of a workload with several of them, one label for each service. The label
 * `devk.dev/service` names the first one.
 */
export const sharedServicePrefix = 'service.devk.dev/'

/** Annotations on Kubernetes objects. */
export const annotations = {
  /** Set by `devk rollback` on a workload; the next deployment removes both. */
  rolledBackTo: 'devk.dev/rolled-back-to',
  rolledBackFrom: 'devk.dev/rolled-back-from',
  /**
   * Set by `devk switch` on a Service, as `color: blue → green`: the label of the selector, its value in the manifests,
   * the new value.
   */
  switched: 'devk.dev/switched',
  /** Set by `devk debug` on a workload: how devk had applied it before, as JSON. The next deployment removes it. */
  debug: 'devk.dev/debug',
  /** Set by `devk stop` on a workload: how devk had applied it before, as JSON. The next deployment removes it. */
  stopped: 'devk.dev/stopped',
  /** Set by `devk debug` on a pod template: the file that each Ruby process of its pods loads. */
  rubyDebugger: 'devk.dev/ruby-debugger',
  /**
   * Set by `devk swap` on a Service, as JSON: the session, and how devk had applied the Service before. The next
   * deployment removes it. The same name is in agent/internal/restore.
   */
  swap: 'devk.dev/swap',
  /** On a pod template: hash of the ConfigMaps and Secrets that its containers read as variables. */
  inputs: 'devk.dev/inputs',
  /** On a preset's pod template: hash of the ConfigMaps and Secrets that it mounts. */
  mounts: 'devk.dev/mounts',
  /** On a pod template with several services: the service of each of their containers, as `php=web,nginx=proxy`. */
  containers: 'devk.dev/containers',
  /** On the ConfigMap of CoreDNS: the hash of its configuration with the names that devk added. */
  clusterHosts: 'devk.dev/cluster-hosts',
} as const

/** Labels on images and containers of the Docker engine. */
export const engineLabels = {
  /** Images that the kit built: the name of the recipe. */
  kit: 'devk.dev/kit',
  /** Hash of the recipe that an image was built from. */
  kitKey: 'devk.dev/kit-key',
  /** Images that stand in for published ones with less in them. */
  standIn: 'devk.dev/stand-in',
  /** The loopback registry's container. */
  registry: 'devk.dev/registry',
  /** The folder of its data on this machine. */
  registryData: 'devk.dev/registry-data',
  /** Identifies the login that it asks for. */
  registryLogin: 'devk.dev/registry-login',
  /** The version of the program before it that checks the host of requests. */
  registryGuard: 'devk.dev/registry-guard',
} as const

/** The program that stands before the command of a container whose service is restarted after a sync. */
export const supervisor = {
  /** No service has this name. */
  owner: 'devk/supervisor',
  /** The last part of the name of its image, which has the label of its project only. */
  image: 'devk-supervisor',
  inImage: '/agent',
  folder: '/.devk',
  /** Paths in the container. */
  program: '/.devk/agent',
  socket: '/.devk/socket',
} as const

/** Delve, which debugs programs in Go. */
export const delve = {
  /** No service has this name. */
  owner: 'devk/delve',
  /** The last part of the name of its image, which has the label of its project only. */
  image: 'devk-delve',
  inImage: '/delve',
} as const

/** Marks that exist only while devk renders; no object in a cluster has them. */
export const patchMark = { prefix: 'devk.dev/patch-', apiVersion: 'devk.dev/v1' } as const
