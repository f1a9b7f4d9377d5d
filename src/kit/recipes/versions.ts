/**
 * What the kit builds. Newer is not always possible: every version here is one whose modules are served and pass Go's checksum
 * verification. Kubernetes stays at 1.34 because its kubelet is the last that starts on cgroup v1.
 */
export const versions = {
  kubernetes: '1.34.4',
  kind: '0.30.0',
  minikube: '1.38.1',
  // What Minikube 1.38.1 asks for by default.
  kicbase: '0.0.50',
  criTools: '1.30.0',
  etcd: '3.6.5',
  containerd: '2.1.5',
  cniPlugins: '1.9.1',
  coredns: '1.12.1',
  localPathProvisioner: '0.0.30',
  pause: '3.10',
  registry: '3.0.0',
  consul: '1.20.1',
  traefik: '3.7.5',
  lego: '4.35.2',
  metricsServer: '0.9.0',
  prometheus: '3.5.0',
  // Modules whose path carries no major version give their releases another one.
  prometheusModule: '0.305.0',
  alertmanager: '0.28.1',
  nodeExporter: '1.10.1',
  kubeStateMetrics: '2.15.0',
  jaeger: '2.2.0',
  jaegerModule: '1.65.0',
  loki: '3.7.8',
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
