import { docker } from '../../../support/docker.ts'
import type { LiveCluster } from './cluster.ts'

const frozen = 'find /sys/fs/cgroup/freezer -name freezer.state -exec grep -l FROZEN {} + 2>/dev/null'
const units = 'systemctl is-active kubelet containerd'

/** What the cluster is like, to be shown when a run fails: an outage of the cluster is no fault of devk. */
export async function stateOf({ cluster, server }: LiveCluster, project: string): Promise<string> {
  const onNode = (script: string) => docker('exec', cluster.node, 'sh', '-c', `${script}; true`)
  const columns =
    'custom-columns=N:.metadata.name,D:.metadata.deletionTimestamp,P:.status.phase,S:.status.containerStatuses'
  const parts: [string, () => Promise<string>][] = [
    ['pods', () => cluster.kubectl('get', 'pods', '-l', `devk.dev/project=${project}`, '-o', columns)],
    ['system', () => cluster.kubectl('get', 'pods', '-n', 'kube-system', '--no-headers')],
    [
      'events',
      async () =>
        (await cluster.kubectl('get', 'events', '--sort-by=.lastTimestamp')).split('\n').slice(-25).join('\n'),
    ],
    ['node', () => cluster.kubectl('get', 'nodes', '-o', 'jsonpath={.items[*].status.conditions[-1:]}')],
    ['units', () => onNode(units)],
    ['frozen', () => onNode(frozen)],
    ['fresh', async () => JSON.stringify((await server.list('/api/v1/nodes')).map(({ metadata }) => metadata.name))],
  ]
  const told = parts.map(async ([name, read]) => `${name}: ${await read().catch((error: unknown) => String(error))}`)
  return (await Promise.all(told)).join('\n')
}
