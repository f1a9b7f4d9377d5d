/**
 * What the kit builds. Newer is not always possible: every version here is one whose modules are served and pass Go's checksum
 * verification. Kubernetes stays at 1.34 because its kubelet is the last that starts on cgroup v1.
 */
export const versions = {
  kubernetes: '1.34.4',
  kind: '0.30.0',
  etcd: '3.6.5',
  containerd: '2.1.5',
  cniPlugins: '1.9.1',
  coredns: '1.12.1',
  localPathProvisioner: '0.0.30',
  pause: '3.10',
  registry: '3.0.0',
  consul: '1.22.0',
  npmForNode20: '10.8.2',
  node20: '20.20.2',
  npmForNode22: '10.9.4',
  node22: '22.23.3',
  corepack: '0.34.0',
  yarn: '1.22.22',
} as const
