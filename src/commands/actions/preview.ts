import type { CliContext } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import type { KubeObject } from '../../kube/api.ts'
import { count } from '../../lib/text.ts'
import { podTemplate } from '../../manifests/workload.ts'
import { type OpenProject, openProject } from '../../project/open.ts'
import { readRevisions } from '../../release/revisions.ts'
import { chooseRevision } from '../../release/rollback.ts'
import { oneWorkload, workloadsOf } from '../../release/workloads.ts'
import { shortImage } from '../status/report.ts'
import type { ActionPreview, ActionRequest } from './request.ts'
import { runningSession } from './session.ts'

/** What an action would do to the stack as it is now. Throws what the action itself would throw before it begins. */
export async function previewOf(ctx: CliContext, request: ActionRequest): Promise<ActionPreview> {
  const { name } = request
  switch (request.action) {
    case 'restart':
      return restartPreview(await openProject(ctx), name, ctx.signal)
    case 'rollback':
      return rollbackPreview(await openProject(ctx), request, ctx.signal)
    case 'rebuild':
      return rebuildPreview(ctx, name)
    case 'run':
      return {
        effects: [
          `Creates a Job for ${name} and waits until it ends, at most 10 minutes. Then the Job is deleted.`,
          'The configuration says what the Job runs. Its exit code and its last lines are the result.',
        ],
        command: `devk run ${name}`,
        kubectl: null,
      }
  }
}

const short = ({ kind, metadata }: KubeObject) => `${kind}/${metadata.name}`
const kubectlOf = ({ kubeconfig, record }: OpenProject, { metadata }: KubeObject) =>
  `kubectl --kubeconfig ${kubeconfig} --context ${record.cluster.context} -n ${metadata.namespace ?? 'default'}`

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

async function rollbackPreview(
  project: OpenProject,
  { name, to }: ActionRequest,
  signal: AbortSignal,
): Promise<ActionPreview> {
  const workload = oneWorkload(name, await workloadsOf(project.kube, project.record.name, [name], signal), undefined)
  const revisions = await readRevisions(project.kube, workload, signal)
  const target = chooseRevision(short(workload), revisions, to)
  const named = short(workload).toLowerCase()
  const current = revisions.find((revision) => revision.current)
  const now = podTemplate(workload)?.spec.containers.flatMap(({ image }) => image ?? []) ?? []
  const effects = [
    `Deploys revision ${target.number} of ${short(workload)} again. Now it runs ${current?.number ?? 'another one'}.`,
    `Image now: ${now.map(shortImage).join(', ')}. Then: ${target.images.map(shortImage).join(', ')}.`,
    'It stays at that revision until its sources or manifests change.',
  ]
  return {
    effects,
    command: `devk rollback ${name} --to ${target.number}`,
    kubectl: `${kubectlOf(project, workload)} rollout undo ${named} --to-revision=${target.number}`,
  }
}

async function rebuildPreview(ctx: CliContext, name: string): Promise<ActionPreview> {
  const { state } = await runningSession(ctx)
  if (!state.watched.includes(name)) {
    throw new DevkError('USAGE', `${state.command} does not build ${name}`, {
      hint: `It watches ${state.watched.join(', ') || 'no service'}.`,
    })
  }
  return {
    effects: [
      `${state.command} (pid ${state.pid}) builds the image of ${name} from its sources as they are now.`,
      'Then it brings the image to the nodes and deploys it.',
      'The view of the saves shows how far it is. Nothing changes when the image is the same.',
    ],
    command: null,
    kubectl: null,
  }
}
