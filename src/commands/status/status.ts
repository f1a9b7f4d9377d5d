import { createConnection } from 'node:net'
import type { CommandFunction, NoFlags } from '../../context.ts'
import type { KubeObject } from '../../kube/api.ts'
import { conditionOf, type KubeEvent, type Pod } from '../../kube/pod.ts'
import { labels } from '../../lib/keys.ts'
import { type OpenProject, openProject } from '../../project/open.ts'
import { withoutAddress } from '../../stack/balancers.ts'
import { writeJson, writeText } from '../../terminal/output.ts'
import { type ForwardEntry, owned, presetEntry, type StatusReport, workloadEntry } from './report.ts'
import { statusText } from './text.ts'

const workloadKinds = [
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'apps/v1', kind: 'StatefulSet' },
  { apiVersion: 'apps/v1', kind: 'DaemonSet' },
  { apiVersion: 'batch/v1', kind: 'Job' },
  { apiVersion: 'batch/v1', kind: 'CronJob' },
  { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout' },
]

/**
 * `devk status`: shows the state of the stack. Changes nothing and does not read the configuration. Returns 0 for every
 * state. Throws what `openProject` throws.
 */
export const runStatus: CommandFunction<NoFlags> = async (ctx) => {
  const project = await openProject(ctx)
  const report = await readStatus(project, ctx.signal)
  if (ctx.json) await writeJson(ctx.stdout, report)
  else await writeText(ctx.stdout, statusText(report, { columns: ctx.columns, color: ctx.color, now: ctx.clock() }))
  return 0
}

/** Reads the report of `devk status` from the cluster. Throws KUBE_API. */
export async function readStatus(project: OpenProject, signal: AbortSignal): Promise<StatusReport> {
  const { record, kube } = project
  const { uid: _, ...cluster } = record.cluster
  const selector = { labels: `${labels.project}=${record.name}`, signal }
  const [workloads, pods, events, nodes, forwards, warnings] = await Promise.all([
    Promise.all(workloadKinds.map((kind) => kube.list(kind, selector))).then((lists) => lists.flat()),
    kube.list({ apiVersion: 'v1', kind: 'Pod' }, selector),
    kube.list({ apiVersion: 'v1', kind: 'Event' }, { fields: 'involvedObject.kind=Pod,type=Warning', signal }),
    kube.list({ apiVersion: 'v1', kind: 'Node' }, { signal }),
    Promise.all(record.forwards.map(forwardEntry)),
    withoutAddress(kube, record.name, record.cluster.provider, signal),
  ])
  const facts = (label: 'service' | 'external' | 'preset', name: string) => ({
    name,
    url: label === 'service' ? record.services.find((service) => service.name === name)?.url : undefined,
    workloads: owned(workloads, label, name),
    pods: owned(pods as Pod[], label, name),
    events: events as KubeEvent[],
  })
  const entries = (label: 'service' | 'external', names: readonly string[]) =>
    names.map((name) => workloadEntry(facts(label, name)))
  return {
    project: record.name,
    cluster: { ...cluster, kubeconfig: project.kubeconfig, state: 'running', nodes: nodes.map(nodeEntry) },
    services: entries(
      'service',
      record.services.map(({ name }) => name),
    ),
    presets: record.presets.map((preset) => presetEntry(preset, facts('preset', preset.name))),
    externals: entries('external', record.externals),
    forwards,
    warnings,
  }
}

function nodeEntry(node: KubeObject) {
  const isControlPlane = 'node-role.kubernetes.io/control-plane' in (node.metadata.labels ?? {})
  const role = isControlPlane ? 'control-plane' : 'worker'
  return { name: node.metadata.name, role, ready: conditionOf(node, 'Ready')?.status === 'True' }
}

/** A forward is ready if something listens on its port: `up` or `dev` of this project. */
async function forwardEntry({ name, local }: { name: string; local: number }): Promise<ForwardEntry> {
  const open = await new Promise<boolean>((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port: local })
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
  })
  const url = `localhost:${local}`
  return {
    name,
    url,
    since: null,
    ...(open ? { state: 'ready', reason: null } : { state: 'stopped', reason: 'run devk dev to start it' }),
  }
}
