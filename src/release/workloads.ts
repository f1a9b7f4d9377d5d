import { DevkError } from '../errors.ts'
import { type Kube, type KubeObject, nameOf } from '../kube/api.ts'
import { servicesOf } from '../kube/pod-services.ts'
import { labels } from '../lib/keys.ts'
import { nearest } from '../lib/text.ts'
import { type Plan, patchOf } from '../stack/plan.ts'

const kinds = [
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'apps/v1', kind: 'StatefulSet' },
  { apiVersion: 'apps/v1', kind: 'DaemonSet' },
  { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout' },
] as const

/**
 * The workloads of these services in the cluster, or of all services if none is named. Jobs are not among them.
 * Throws USAGE for a service without a workload, with a suggestion if another name is similar; KUBE_API.
 */
export async function workloadsOf(
  kube: Kube,
  project: string,
  services: readonly string[],
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const selector = `${labels.project}=${project},${labels.service}`
  const lists = await Promise.all(kinds.map((kind) => kube.list(kind, { labels: selector, signal })))
  const all = lists.flat()
  const known = [...new Set(all.flatMap(servicesOf))].sort()
  const [missing] = services.filter((name) => !known.includes(name))
  if (missing !== undefined) {
    const near = nearest(missing, known)
    throw new DevkError('USAGE', `The service ${missing} has no workload in the cluster`, {
      hint: near === undefined ? 'Run devk status for the names of the services.' : `Did you mean "${near}"?`,
    })
  }
  if (all.length === 0) throw new DevkError('USAGE', 'Nothing is deployed', { hint: 'Run devk up first.' })
  return all.filter(
    (workload) => services.length === 0 || servicesOf(workload).some((service) => services.includes(service)),
  )
}

/** The only workload of a service, or the one named as `Kind/name`. Throws USAGE if that is not exactly one. */
export function oneWorkload(service: string, workloads: readonly KubeObject[], named: string | undefined): KubeObject {
  const short = (object: KubeObject) => `${object.kind}/${object.metadata.name}`
  const [only, ...others] =
    named === undefined ? workloads : workloads.filter((each) => short(each).toLowerCase() === named.toLowerCase())
  if (only !== undefined && others.length === 0) return only
  const names = workloads.map(short)
  if (only !== undefined) {
    throw new DevkError('USAGE', `The service ${service} has several workloads: ${names.join(', ')}`, {
      hint: `Choose one of them: --workload ${names[0]}`,
    })
  }
  throw new DevkError('USAGE', `The service ${service} has no workload ${named ?? ''}`, {
    hint: `Choose one of ${workloads.map(nameOf).join(', ')}.`,
  })
}

/**
 * The plan that makes workloads replace their pods one by one, as `kubectl rollout restart` and Argo's kubectl plugin
 * do. Pure.
 */
export function planRestart(workloads: readonly KubeObject[], at: string): Plan {
  return { actions: workloads.map((workload) => patchOf(workload, restartPatch(workload, at))) }
}

function restartPatch({ kind }: KubeObject, at: string): { spec: object } {
  if (kind === 'Rollout') return { spec: { restartAt: at } }
  return { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': at } } } } }
}
