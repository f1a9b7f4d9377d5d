import type { DashboardModel } from './dashboard.ts'
import { lines, type Panel, type Query } from './panel.ts'

function byNode(title: string, unit: Parameters<typeof lines>[2]['unit'], ...queries: readonly Query[]): Panel {
  return lines(title, queries, { unit, width: 12 })
}

/** The dashboard of the nodes. With kind, all nodes are containers on one machine and show its values. Pure. */
export function nodesDashboard(): DashboardModel {
  const rows = [
    {
      title: 'CPU and memory',
      panels: [
        byNode('CPU used', 'percentunit', { expr: 'node:cpu_used:ratio', legend: '{{node}}' }),
        byNode('Load over 1 minute', 'short', { expr: 'node_load1', legend: '{{node}}' }),
        byNode('Memory used', 'percentunit', { expr: 'node:memory_used:ratio', legend: '{{node}}' }),
        byNode('Pods on each node', 'none', { expr: 'sum by (node) (kubelet_running_pods)', legend: '{{node}}' }),
      ],
    },
    {
      title: 'Disk and network',
      panels: [
        byNode('Disk space used', 'percentunit', {
          expr: '1 - min by (node, device) (node_filesystem_avail_bytes / node_filesystem_size_bytes)',
          legend: '{{node}} {{device}}',
        }),
        byNode(
          'Disk traffic',
          'Bps',
          { expr: 'sum by (node) (rate(node_disk_read_bytes_total[$__rate_interval]))', legend: '{{node}} read' },
          { expr: 'sum by (node) (rate(node_disk_written_bytes_total[$__rate_interval]))', legend: '{{node}} written' },
        ),
        byNode(
          'Network traffic',
          'Bps',
          { expr: 'sum by (node) (rate(node_network_receive_bytes_total[$__rate_interval]))', legend: '{{node}} in' },
          { expr: 'sum by (node) (rate(node_network_transmit_bytes_total[$__rate_interval]))', legend: '{{node}} out' },
        ),
        byNode('Open files', 'short', { expr: 'node_filefd_allocated', legend: '{{node}}' }),
      ],
    },
  ]
  return { uid: 'devk-nodes', title: 'Nodes', rows }
}
