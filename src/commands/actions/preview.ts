import type { CliContext } from '../../context.ts'
import { count } from '../../lib/text.ts'
import { type OpenProject, openProject } from '../../project/open.ts'
import { workloadsOf } from '../../release/workloads.ts'
import { readForJob } from '../run/read.ts'
import { pausePreview, rebuildPreview, triggerPreview } from './preview-loop.ts'
import { kubectlOf, promotePreview, rollbackPreview, short, switchPreview } from './preview-release.ts'
import { runPreview } from './preview-run.ts'
import { startPreview, stopPreview } from './preview-stop.ts'
import type { ActionPreview, ActionRequest } from './request.ts'
import { runningSession } from './session.ts'

/** What an action would do to the stack as it is now. Throws what the action itself would throw before it begins. */
export async function previewOf(ctx: CliContext, request: ActionRequest): Promise<ActionPreview> {
  const { name } = request
  switch (request.action) {
    case 'restart':
      return restartPreview(await openProject(ctx), name, ctx.signal)
    case 'stop':
      return stopPreview(await openProject(ctx), name, ctx.signal)
    case 'start':
      return startPreview(await openProject(ctx), name, ctx.signal)
    case 'rollback':
      return rollbackPreview(await openProject(ctx), request, ctx.signal)
    case 'promote':
      return promotePreview(await openProject(ctx), name, ctx.signal)
    case 'switch':
      return switchPreview(await openProject(ctx), request, ctx.signal)
    case 'rebuild':
      return rebuildPreview(await runningSession(ctx), name)
    case 'trigger':
      return triggerPreview(await runningSession(ctx), name)
    case 'pause':
    case 'resume':
      return pausePreview(await runningSession(ctx), request.action)
    case 'run':
      return jobPreview(ctx, name)
  }
}

/** Nobody is asked for consent here: the page and programs cannot give it. */
async function jobPreview(ctx: CliContext, name: string): Promise<ActionPreview> {
  const config = await readForJob({ ...ctx, isTTY: false, yes: false }, name)
  const job = config.jobs[name]
  if (!job?.local) await openProject(ctx)
  return runPreview(name, job, config.root)
}

async function restartPreview(project: OpenProject, name: string, signal: AbortSignal): Promise<ActionPreview> {
  const workloads = await workloadsOf(project.kube, project.record.name, [name], signal)
  const effects = workloads.map((workload) => {
    const { replicas = 1, strategy } = (workload.spec ?? {}) as { replicas?: number; strategy?: { type?: string } }
    const pods = workload.kind === 'DaemonSet' ? 'the pod on each node' : count(replicas, 'pod')
    const how =
      strategy?.type === 'Recreate'
        ? 'It is down meanwhile: its strategy is Recreate.'
        : 'A new pod is ready before an old one ends, as far as its strategy allows.'
    return `Replaces ${pods} of ${short(workload)}, like kubectl rollout restart. ${how}`
  })
  const [first] = workloads
  const kubectl = first && `${kubectlOf(project, first)} rollout restart ${short(first).toLowerCase()}`
  return {
    effects: [...effects, 'Files that were synced are sent again by the devk that watches; without one they are gone.'],
    command: `devk restart ${name}`,
    kubectl: first?.kind === 'Rollout' ? null : (kubectl ?? null),
  }
}
