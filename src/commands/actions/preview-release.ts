import { DevkError } from '../../errors.ts'
import type { KubeObject } from '../../kube/api.ts'
import { podTemplate } from '../../manifests/workload.ts'
import type { OpenProject } from '../../project/open.ts'
import { choiceFor, requireColour } from '../../release/colours.ts'
import { promotionNote, promotionOf } from '../../release/promote.ts'
import { readRevisions } from '../../release/revisions.ts'
import { chooseRevision } from '../../release/rollback.ts'
import { oneWorkload, workloadsOf } from '../../release/workloads.ts'
import { shortImage } from '../status/report.ts'
import type { ActionPreview, ActionRequest } from './request.ts'

/** An object in the form of kubectl: `Deployment/web`. */
export const short = ({ kind, metadata }: KubeObject) => `${kind}/${metadata.name}`
/** The beginning of a kubectl command for an object. */
export const kubectlOf = ({ kubeconfig, record }: OpenProject, { metadata }: KubeObject) =>
  `kubectl --kubeconfig ${kubeconfig} --context ${record.cluster.context} -n ${metadata.namespace ?? 'default'}`

/** What a rollback would do. Throws what it would throw before it begins. */
export async function rollbackPreview(
  project: OpenProject,
  { name, to }: ActionRequest,
  signal: AbortSignal,
): Promise<ActionPreview> {
  const workload = oneWorkload(name, await workloadsOf(project.kube, project.record.name, [name], signal), undefined)
  const revisions = await readRevisions(project.kube, workload, signal)
  const target = chooseRevision(short(workload), revisions, typeof to === 'number' ? to : undefined)
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

/** What a promotion would do. Throws USAGE for a workload that does not wait for one. */
export async function promotePreview(project: OpenProject, name: string, signal: AbortSignal): Promise<ActionPreview> {
  const workload = oneWorkload(name, await workloadsOf(project.kube, project.record.name, [name], signal), undefined)
  const { step = 0, steps = 0 } = promotionOf(workload) ?? {}
  const note = promotionNote(workload)
  if (note === undefined) throw new DevkError('USAGE', `${short(workload)} does not wait for a promotion`)
  return {
    effects: [
      `${short(workload)} ${note}.`,
      steps - step > 1 ? 'It goes on to its next pause.' : 'The new version gets all requests, and the old pods end.',
    ],
    command: `devk promote ${name}`,
    kubectl: `${kubectlOf(project, workload)} argo rollouts promote ${workload.metadata.name}`,
  }
}

/** What a switch to another colour would do. Throws USAGE for an unknown one. */
export async function switchPreview(
  project: OpenProject,
  { name, to }: ActionRequest,
  signal: AbortSignal,
): Promise<ActionPreview> {
  const choice = await choiceFor(project.kube, project.record.name, name, signal)
  const { service, key, current } = choice
  const workloads = requireColour(choice, String(to)).map(short).join(', ')
  const selector = JSON.stringify({ spec: { selector: { [key]: to } } })
  return {
    effects: [
      `Waits until the pods of ${workloads} are ready and answer. If they do not, nothing changes.`,
      `${short(service)} selects ${key}: ${to} in place of ${current}.`,
      'devk watches the pods for 10 s. If they become unhealthy, it switches back.',
    ],
    command: `devk switch ${name} ${to}`,
    kubectl: `${kubectlOf(project, service)} patch service ${service.metadata.name} --patch '${selector}'`,
  }
}
