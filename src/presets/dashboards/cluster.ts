import type { DashboardModel } from './dashboard.ts'
import { figure, lines } from './panel.ts'

const cpu = 'sum by (namespace) (rate(container_cpu_usage_seconds_total{container!=""}[$__rate_interval]))'
const memory = 'sum by (namespace) (container_memory_working_set_bytes{container!=""})'

const requestedOf = (resource: 'cpu' | 'memory') =>
  `sum(kube_pod_container_resource_requests{resource="${resource}"}) / ` +
  `sum(kube_node_status_allocatable{resource="${resource}"})`

/** The rate of a metric of the API server by verb, without requests that stay open. */
const apiRate = (metric: string) =>
  `sum by (verb) (rate(apiserver_request_${metric}{verb!~"WATCH|CONNECT"}[$__rate_interval]))`

/** The dashboard of the cluster: what runs in it, what each namespace uses, and the API server. Pure. */
export function clusterDashboard(): DashboardModel {
  const rows = [
    {
      title: 'Now',
      panels: [
        figure('Nodes ready', 'sum(kube_node_status_condition{condition="Ready", status="true"})', { unit: 'none' }),
        figure('Pods running', 'sum(kube_pod_status_phase{phase="Running"})', { unit: 'none' }),
        figure('Pods not ready', 'count(kube_pod_status_ready{condition="true"} == 0) or vector(0)', { unit: 'none' }),
        figure('Restarts in the last hour', 'sum(increase(kube_pod_container_status_restarts_total[1h]))', {
          unit: 'short',
        }),
        figure('Alerts firing', 'count(ALERTS{alertstate="firing"}) or vector(0)', { unit: 'none' }),
        figure('Targets down', 'count(up == 0) or vector(0)', { unit: 'none' }),
      ],
    },
    {
      title: 'Usage',
      panels: [
        lines('CPU', [{ expr: cpu, legend: '{{namespace}}' }], { unit: 'short', width: 12 }),
        lines('Memory', [{ expr: memory, legend: '{{namespace}}' }], { unit: 'bytes', width: 12 }),
        lines(
          'CPU requested of allocatable',
          [
            {
              expr: requestedOf('cpu'),
              legend: 'requested',
            },
          ],
          { unit: 'percentunit' },
        ),
        lines(
          'Memory requested of allocatable',
          [
            {
              expr: requestedOf('memory'),
              legend: 'requested',
            },
          ],
          { unit: 'percentunit' },
        ),
        lines('Pods by phase', [{ expr: 'sum by (phase) (kube_pod_status_phase)', legend: '{{phase}}' }], {
          unit: 'none',
        }),
      ],
    },
    {
      title: 'Control plane',
      panels: [
        lines(
          'Requests to the API server',
          [
            {
              expr: apiRate('total'),
              legend: '{{verb}}',
            },
          ],
          { unit: 'reqps' },
        ),
        lines(
          'Mean response time',
          [
            {
              expr: `${apiRate('duration_seconds_sum')} / (${apiRate('duration_seconds_count')} > 0)`,
              legend: '{{verb}}',
            },
          ],
          { unit: 's' },
        ),
        lines('Series in Prometheus', [{ expr: 'prometheus_tsdb_head_series', legend: 'series' }], { unit: 'short' }),
      ],
    },
  ]
  return { uid: 'devk-cluster', title: 'Cluster', rows }
}
