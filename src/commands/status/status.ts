import { createConnection } from 'node:net'
import type { CommandFunction, NoFlags } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import type { KubeObject } from '../../kube/api.ts'
import { readSilentNodes, type SilentNode } from '../../kube/freshness.ts'
import { conditionOf, type KubeEvent, type Pod } from '../../kube/pod.ts'
import { labels } from '../../lib/keys.ts'
import { duration } from '../../lib/text.ts'
import { findRecord, type OpenProject, openProject } from '../../project/open.ts'
import { sessionSocket } from '../../session/socket.ts'
import { serviceWarnings } from '../../stack/service-warnings.ts'
import { writeJson, writeText } from '../../terminal/output.ts'
import { tellKilled } from '../actions/session.ts'
import { type ForwardEntry, owned, presetEntry, type StackReport, workloadEntry } from './report.ts'
import { statusText } from './text.ts'
import { waitingOn } from './waiting.ts'

const workloadKinds = [
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'apps/v1', kind: 'StatefulSet' },
  { apiVersion: 'apps/v1', kind: 'DaemonSet' },
  { apiVersion: 'batch/v1', kind: 'Job' },
  { apiVersion: 'batch/v1', kind: 'CronJob' },
  { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout' },
]

/** How long the cluster may take to answer before devk says that it waits, and before it gives up. */
const quietMs = 2000
const patienceMs = 12_000

/**
 * `devk status`: shows the state of the stack. Changes nothing of it and does not read the configuration. Returns 0 for
 * every state. Throws what `openProject` throws, and KUBE_API if the cluster does not answer in time.
 */
export const runStatus: CommandFunction<NoFlags> = async (ctx) => {
  const late = new AbortController()
  const signal = AbortSignal.any([ctx.signal, late.signal])
  const waits = setTimeout(() => ctx.stderr.write('waiting for the cluster to answer …\n'), quietMs)
  const ends = setTimeout(() => late.abort(noAnswer()), patienceMs)
  try {
    const record = await findRecord(ctx)
    if (record !== undefined) await tellKilled(ctx, record)
    const project = await openProject({ ...ctx, signal })
    const socket = sessionSocket(ctx.paths.project(project.record.name).folder)
    const [read, held] = await Promise.all([readStatus(project, signal), waitingOn(socket, signal)])
    const { session, locals } = held
    const report = { ...read, session, locals, warnings: [...read.warnings, ...held.warnings] }
    if (ctx.json) await writeJson(ctx.stdout, report)
    else await writeText(ctx.stdout, statusText(report, { columns: ctx.columns, color: ctx.color, now: ctx.clock() }))
    return 0
  } finally {
    clearTimeout(waits)
    clearTimeout(ends)
  }
}

function noAnswer(): DevkError {
  return new DevkError('KUBE_API', `The cluster has not answered for ${duration(patienceMs)}`, {
    hint: 'Its node may be paused, stopped or overloaded: docker ps -a shows it. devk up starts a stopped one.',
  })
}

/** Reads the report of `devk status` from the cluster. Throws KUBE_API. */
export async function readStatus(project: OpenProject, signal: AbortSignal): Promise<StackReport> {
  const { record, kube } = project
  const { uid: _, ...cluster } = record.cluster
  const selector = { labels: `${labels.project}=${record.name}`, signal }
  const [workloads, pods, events, nodes, silent, forwards, warnings] = await Promise.all([
    Promise.all(workloadKinds.map((kind) => kube.list(kind, selector))).then((lists) => lists.flat()),
    kube.list({ apiVersion: 'v1', kind: 'Pod' }, selector),
    kube.list({ apiVersion: 'v1', kind: 'Event' }, { fields: 'involvedObject.kind=Pod,type=Warning', signal }),
    kube.list({ apiVersion: 'v1', kind: 'Node' }, { signal }),
    readSilentNodes(kube, signal),
    Promise.all(record.forwards.map(forwardEntry)),
    serviceWarnings(kube, record.name, record.cluster.provider, signal),
  ])
  const facts = (label: 'service' | 'external' | 'preset', name: string) => ({
    name,
    url: label === 'service' ? record.services.find((service) => service.name === name)?.url : undefined,
    workloads: owned(workloads, label, name),
    pods: owned(pods as Pod[], label, name),
    events: events as KubeEvent[],
    silent,
  })
  const entries = (label: 'service' | 'external', names: readonly string[]) =>
    names.map((name) => workloadEntry(facts(label, name)))
  return {
    project: record.name,
    cluster: {
      ...cluster,
      kubeconfig: project.kubeconfig,
      state: 'running',
      nodes: nodes.map((node) => nodeEntry(node, silent)),
    },
    services: entries(
      'service',
      record.services.map(({ name }) => name),
    ),
    presets: record.presets.map((preset) => presetEntry(preset, facts('preset', preset.name))),
    externals: entries('external', record.externals),
    forwards,
    locals: [],
    warnings: [
      ...silent.map(({ name, ms }) => `Node ${name} has not reported for ${duration(ms)}. Its pods may not run.`),
      ...warnings,
    ],
  }
}

function nodeEntry(node: KubeObject, silent: readonly SilentNode[]) {
  const isControlPlane = 'node-role.kubernetes.io/control-plane' in (node.metadata.labels ?? {})
  const role = isControlPlane ? 'control-plane' : 'worker'
  const { name } = node.metadata
  const reports = !silent.some((each) => each.name === name)
  return { name, role, ready: reports && conditionOf(node, 'Ready')?.status === 'True' }
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
