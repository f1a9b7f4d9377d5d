import type { Recipe } from '../recipe.ts'
import { goBuild } from './go-recipes.ts'
import { program } from './program-image.ts'
import { versions } from './versions.ts'

const prometheusVersion = (version: string): string =>
  ['Version', 'Revision', 'Branch']
    .map((name) => `-X github.com/prometheus/common/version.${name}=${name === 'Version' ? version : 'devk-kit'}`)
    .join(' ')

/** Images for metrics and alerts: metrics-server, Prometheus, Alertmanager and exporters. */
export const metricsImageRecipes: readonly Recipe[] = [
  ...program({
    name: 'metrics-server',
    version: versions.metricsServer,
    licence: 'Apache-2.0',
    image: 'registry.k8s.io/metrics-server/metrics-server',
    tag: `v${versions.metricsServer}`,
    seconds: 150,
    builds: [
      goBuild(
        'sigs.k8s.io/metrics-server',
        versions.metricsServer,
        { 'metrics-server': 'cmd/metrics-server' },
        {
          ldflags: ['k8s.io/client-go/pkg/version', 'k8s.io/component-base/version']
            .map((path) => `-X ${path}.gitVersion=v${versions.metricsServer}`)
            .join(' '),
        },
      ),
    ],
  }),
  ...program({
    name: 'prometheus',
    version: versions.prometheus,
    licence: 'Apache-2.0',
    image: 'quay.io/prometheus/prometheus',
    tag: `v${versions.prometheus}`,
    seconds: 120,
    without: 'its web pages and the service discoveries of clouds',
    builds: [
      goBuild(
        'github.com/prometheus/prometheus',
        versions.prometheusModule,
        { prometheus: 'cmd/prometheus', promtool: 'cmd/promtool' },
        { ldflags: prometheusVersion(versions.prometheus), overlay: 'go/prometheus-plugins' },
      ),
    ],
  }),
  ...program({
    name: 'alertmanager',
    version: versions.alertmanager,
    licence: 'Apache-2.0',
    image: 'quay.io/prometheus/alertmanager',
    tag: `v${versions.alertmanager}`,
    seconds: 90,
    builds: [
      goBuild(
        'github.com/prometheus/alertmanager',
        versions.alertmanager,
        { alertmanager: 'cmd/alertmanager', amtool: 'cmd/amtool' },
        { ldflags: prometheusVersion(versions.alertmanager) },
      ),
    ],
  }),
  ...program({
    name: 'node-exporter',
    version: versions.nodeExporter,
    licence: 'Apache-2.0',
    image: 'quay.io/prometheus/node-exporter',
    tag: `v${versions.nodeExporter}`,
    seconds: 30,
    builds: [
      goBuild(
        'github.com/prometheus/node_exporter',
        versions.nodeExporter,
        { node_exporter: '' },
        { ldflags: prometheusVersion(versions.nodeExporter) },
      ),
    ],
  }),
  ...program({
    name: 'kube-state-metrics',
    version: versions.kubeStateMetrics,
    licence: 'Apache-2.0',
    image: 'registry.k8s.io/kube-state-metrics/kube-state-metrics',
    tag: `v${versions.kubeStateMetrics}`,
    seconds: 120,
    builds: [
      goBuild(
        'k8s.io/kube-state-metrics/v2',
        versions.kubeStateMetrics,
        { 'kube-state-metrics': '' },
        { ldflags: prometheusVersion(`v${versions.kubeStateMetrics}`) },
      ),
    ],
  }),
]
