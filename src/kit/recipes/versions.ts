/**
 * The versions that the kit builds. A newer version is not always possible: the Go modules of each must be available
 * and pass the checksum verification of Go. Kubernetes stays at 1.34, whose kubelet is the last one that starts on
 * cgroup v1.
 */
export const versions = {
  kubernetes: '1.34.4',
  kind: '0.30.0',
  minikube: '1.38.1',
  // The default of Minikube 1.38.1.
  kicbase: '0.0.50',
  criTools: '1.30.0',
  etcd: '3.6.5',
  containerd: '2.1.5',
  cniPlugins: '1.9.1',
  coredns: '1.12.1',
  localPathProvisioner: '0.0.30',
  pause: '3.10',
  registry: '3.0.0',
  // Under the MPL. 1.15.8 and 1.16.4 are the first under the BUSL. Versions between need modules that are not served.
  consul: '1.15.3',
  // In `kit/maven/NAME` too, with the SHA-256 of each file.
  kafka: '4.4.0',
  zookeeper: '3.9.5',
  traefik: '3.7.5',
  lego: '4.35.2',
  metricsServer: '0.9.0',
  prometheus: '3.5.0',
  // A module path without a major version allows only versions 0 and 1, so these modules have their own versions.
  prometheusModule: '0.305.0',
  alertmanager: '0.28.1',
  nodeExporter: '1.10.1',
  kubeStateMetrics: '2.15.0',
  jaeger: '2.2.0',
  jaegerModule: '1.65.0',
  victoriaLogs: '1.52.2',
  collector: '0.149.0',
  argoRollouts: '1.8.3',
  certManager: '1.11.5',
  npmForNode20: '10.8.2',
  node20: '20.20.2',
  npmForNode22: '10.9.4',
  node22: '22.23.3',
  corepack: '0.34.0',
  yarn: '1.22.22',
} as const
