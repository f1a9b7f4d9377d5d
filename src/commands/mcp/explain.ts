import type { CliContext } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import type { Kube } from '../../kube/api.ts'
import { conditionOf, type KubeEvent, type Pod } from '../../kube/pod.ts'
import { labels } from '../../lib/keys.ts'
import { nearest } from '../../lib/text.ts'
import { type OpenProject, openProject } from '../../project/open.ts'
import { readRevisions } from '../../release/revisions.ts'
import { workloadsOf } from '../../release/workloads.ts'
import { endedRuns, lastLines } from '../../stack/ready/last-lines.ts'
import { findSession } from '../actions/session.ts'
import { readStatus } from '../status/status.ts'
import { untrusted } from './tool.ts'

/**
 * Why a service or external is not ready: its state and reason, its pods with their events and the last lines of
 * containers that ended, the state of what it needs, and what changed before. Throws USAGE for an unknown name.
 */
export async function explain(ctx: CliContext, name: string): Promise<object> {
  const { signal } = ctx
  const project = await openProject(ctx)
  const report = await readStatus(project, signal)
  const all = [...report.services, ...report.externals]
  const entry = all.find((each) => each.name === name)
  if (entry === undefined) {
    const names = all.map((each) => each.name)
    const near = nearest(name, names)
    throw new DevkError('USAGE', `${report.project} has no service or external "${name}"`, {
      hint: near === undefined ? `It has ${names.join(', ')}.` : `Did you mean "${near}"?`,
    })
  }
  const needs = project.record.services.find((each) => each.name === name)?.dependsOn ?? []
  const states = [...all, ...report.presets]
  return {
    ...entry,
    pods: await podsOf(project, name, signal),
    needs: needs.map((need) => {
      const { state = 'unknown', reason = null } = states.find((each) => each.name === need) ?? {}
      return { name: need, state, reason }
    }),
    revisions: await revisionsOf(project, name, signal),
    saves: await savesOf(ctx, name),
    warnings: report.warnings,
  }
}

async function podsOf({ kube, streams, record }: OpenProject, name: string, signal: AbortSignal): Promise<object[]> {
  const of = (label: string) => `${labels.project}=${record.name},${label}=${name}`
  const list = (selector: string) => kube.list({ apiVersion: 'v1', kind: 'Pod' }, { labels: selector, signal })
  const found = (await Promise.all([list(of(labels.service)), list(of(labels.external))])).flat() as Pod[]
  const events = await eventsOf(kube, found, signal)
  const pods = found.slice(0, 10).map(async (pod) => {
    const ended = await Promise.all(
      endedRuns(pod).map(async (run) => ({
        container: run.container,
        last_lines: untrusted({ lines: await lastLines(streams, pod, run, signal) }),
      })),
    )
    return {
      name: pod.metadata.name,
      node: pod.spec?.nodeName ?? null,
      phase: pod.status?.phase ?? null,
      ready: conditionOf(pod, 'Ready')?.status === 'True',
      containers: (pod.status?.containerStatuses ?? []).map(({ name, ready, restartCount, state, lastState }) => ({
        name,
        ready,
        restarts: restartCount,
        state,
        before: lastState,
      })),
      probes: (pod.spec?.containers ?? []).map(({ name, readinessProbe, livenessProbe, startupProbe }) => ({
        container: name,
        readiness: readinessProbe ?? null,
        liveness: livenessProbe ?? null,
        startup: startupProbe ?? null,
      })),
      events: events.get(pod.metadata.uid ?? '') ?? [],
      ended,
    }
  })
  return Promise.all(pods)
}

async function eventsOf(kube: Kube, pods: readonly Pod[], signal: AbortSignal): Promise<Map<string, object[]>> {
  const fields = 'involvedObject.kind=Pod'
  const all = (await kube.list({ apiVersion: 'v1', kind: 'Event' }, { fields, signal })) as KubeEvent[]
  const timeOf = (event: KubeEvent) => event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? ''
  const own = (pod: Pod) =>
    all
      .filter(({ involvedObject }) => involvedObject?.uid === pod.metadata.uid)
      .sort((a, b) => timeOf(a).localeCompare(timeOf(b)))
      .slice(-15)
      .map((event) => ({ time: timeOf(event), type: event.type, reason: event.reason, message: event.message }))
  return new Map(pods.map((pod) => [pod.metadata.uid ?? '', own(pod)]))
}

/** The newest revisions of the workloads; none for externals and Jobs. */
async function revisionsOf({ kube, record }: OpenProject, name: string, signal: AbortSignal): Promise<object[]> {
  if (!record.services.some((service) => service.name === name)) return []
  const workloads = await workloadsOf(kube, record.name, [name], signal).catch((error: unknown) => {
    if (error instanceof DevkError && error.code === 'USAGE') return []
    throw error
  })
  const lists = await Promise.all(workloads.map((workload) => readRevisions(kube, workload, signal)))
  return lists.flatMap((revisions) =>
    revisions.slice(-4).map(({ number, since, images, cause, current }) => ({ number, since, images, cause, current })),
  )
}

async function savesOf(ctx: CliContext, name: string): Promise<object[]> {
  const saves = (await findSession(ctx))?.state.saves ?? []
  return saves.filter(({ service }) => service === name || service === null).slice(-6)
}
