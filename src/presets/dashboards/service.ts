import { createHash } from 'node:crypto'
import type { DashboardModel, Row } from './dashboard.ts'
import { lines, logLines, traces } from './panel.ts'
import { requestQueries } from './requests.ts'

/** The input of the dashboard of a service. */
export interface ServiceDashboardInput {
  readonly project: string
  readonly service: string
  /** Names of the presets that are installed. */
  readonly presets: ReadonlySet<string>
}

/**
 * The dashboard of a service: rate, errors and duration of its requests, saturation, and restarts. With the presets
 * jaeger and logging also its traces and logs. Pure.
 */
export function serviceDashboard({ project, service, presets }: ServiceDashboardInput): DashboardModel {
  const rows = [requests(service, presets), saturation(project, service), restarts(project, service)]
  if (presets.has('jaeger')) rows.push({ title: 'Traces', panels: [traces('Latest traces', service)] })
  if (presets.has('logging')) {
    rows.push({ title: 'Logs', panels: [logLines('Logs', `{service.name="${service}"}`)] })
  }
  return { uid: uidOf(service), title: `Service ${service}`, rows }
}

/** Grafana allows 40 characters; the name of a service alone can have 40. */
function uidOf(service: string): string {
  const uid = `service-${service}`
  return uid.length <= 40 ? uid : createHash('sha256').update(uid).digest('hex').slice(0, 40)
}

function requests(service: string, presets: ReadonlySet<string>): Row {
  const from = requestQueries(service, presets)
  const description = from.source
  return {
    title: 'Requests',
    panels: [
      lines('Rate', [from.rate], { unit: 'reqps', description }),
      lines('Errors', [from.errors], { unit: 'percentunit', description }),
      lines('Duration', from.durations, { unit: from.durationUnit, description }),
    ],
  }
}

function saturation(project: string, service: string): Row {
  const of = (metric: string) => ofService(metric, project, service)
  const cpu = of('rate(container_cpu_usage_seconds_total{container!=""}[$__rate_interval])')
  const bound = (kind: 'requests' | 'limits', resource: 'cpu' | 'memory') =>
    of(`kube_pod_container_resource_${kind}{resource="${resource}"}`)
  const throttled = (part: string) => of(`rate(container_cpu_cfs_${part}_total{container!=""}[$__rate_interval])`)
  return {
    title: 'Saturation',
    panels: [
      lines(
        'CPU',
        [
          { expr: `sum by (pod) (${cpu})`, legend: '{{pod}}' },
          { expr: `max(${bound('requests', 'cpu')})`, legend: 'request' },
          { expr: `max(${bound('limits', 'cpu')})`, legend: 'limit' },
        ],
        { unit: 'short' },
      ),
      lines(
        'Memory',
        [
          { expr: `sum by (pod) (${of('container_memory_working_set_bytes{container!=""}')})`, legend: '{{pod}}' },
          { expr: `max(${bound('limits', 'memory')})`, legend: 'limit' },
        ],
        { unit: 'bytes' },
      ),
      lines(
        'CPU throttling',
        [
          {
            expr: `sum by (pod) (${throttled('throttled_periods')}) / (sum by (pod) (${throttled('periods')}) > 0)`,
            legend: '{{pod}}',
          },
        ],
        { unit: 'percentunit' },
      ),
    ],
  }
}

function restarts(project: string, service: string): Row {
  const of = (metric: string) => ofService(metric, project, service)
  return {
    title: 'Pods',
    panels: [
      lines(
        'Restarts',
        [
          {
            expr: `sum by (pod, container) (${of('increase(kube_pod_container_status_restarts_total[10m])')})`,
            legend: '{{pod}} {{container}}',
          },
        ],
        { unit: 'short', width: 12, description: 'In the last 10 minutes.' },
      ),
      lines(
        'Pods',
        [
          { expr: `sum(${of('kube_pod_status_ready{condition="true"}')})`, legend: 'ready' },
          { expr: `count(${of('kube_pod_info')})`, legend: 'total' },
        ],
        { unit: 'none', width: 12 },
      ),
    ],
  }
}

/** Restricts a metric to the pods of a service. kube-state-metrics exports the labels that devk adds to pods. */
function ofService(metric: string, project: string, service: string): string {
  const pods = `kube_pod_labels{label_devk_dev_project="${project}", label_devk_dev_service="${service}"}`
  return `${metric} * on (namespace, pod) group_left () max by (namespace, pod) (${pods})`
}
