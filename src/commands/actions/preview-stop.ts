import type { KubeObject } from '../../kube/api.ts'
import { recordOf } from '../../lib/record.ts'
import { count } from '../../lib/text.ts'
import type { OpenProject } from '../../project/open.ts'
import { isStopped, planStart, planStop } from '../../release/stop.ts'
import { workloadsOf } from '../../release/workloads.ts'
import { isApply } from '../../stack/plan.ts'
import { kubectlOf, short } from './preview-release.ts'
import type { ActionPreview } from './request.ts'

/** What stopping a service would do. Throws what it would throw before it begins. */
export async function stopPreview(project: OpenProject, name: string, signal: AbortSignal): Promise<ActionPreview> {
  const workloads = await workloadsOf(project.kube, project.record.name, [name], signal)
  planStop(workloads)
  const effects = workloads.map((workload) =>
    isStopped(workload)
      ? `${short(workload)} is stopped already.`
      : `Ends ${count(replicasOf(workload), 'pod')} of ${short(workload)}. Its claims and its Service stay.`,
  )
  return {
    effects: [...effects, 'It stays so until devk start, the next devk up, or a save that builds its image.'],
    command: `devk stop ${name}`,
    kubectl: scaleOf(project, workloads[0], 0),
  }
}

/** What starting a stopped service would do. */
export async function startPreview(project: OpenProject, name: string, signal: AbortSignal): Promise<ActionPreview> {
  const workloads = await workloadsOf(project.kube, project.record.name, [name], signal)
  const started = planStart(workloads)
    .actions.filter(isApply)
    .map(({ wanted }) => wanted.object)
  const effects = started.map((object) => `Gives ${short(object)} ${count(replicasOf(object), 'pod')} again.`)
  const [first] = started
  return {
    effects: effects.length === 0 ? ['Nothing of it is stopped, so nothing changes.'] : effects,
    command: `devk start ${name}`,
    kubectl: scaleOf(project, first, first === undefined ? 0 : replicasOf(first)),
  }
}

/** Kubernetes runs one pod where none is asked for. */
function replicasOf({ spec }: KubeObject): number {
  const { replicas } = recordOf(spec)
  return typeof replicas === 'number' ? replicas : 1
}

function scaleOf(project: OpenProject, workload: KubeObject | undefined, replicas: number): string | null {
  if (workload === undefined) return null
  return `${kubectlOf(project, workload)} scale ${short(workload).toLowerCase()} --replicas=${replicas}`
}
