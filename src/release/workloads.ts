import { DevkError } from '../errors.ts'
import { type Kube, type KubeObject, nameOf } from '../kube/api.ts'
import { labels } from '../lib/keys.ts'
import { nearest } from '../lib/text.ts'

const kinds = [
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'apps/v1', kind: 'StatefulSet' },
  { apiVersion: 'apps/v1', kind: 'DaemonSet' },
  { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout' },
] as const

/**
 * The running workloads of these services, of all with none named; what Jobs ran is not among them.
 * Throws USAGE when a service has none, with the nearest name that has.
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
  const known = [...new Set(all.map(serviceOf))].sort()
  const [missing] = services.filter((name) => !known.includes(name))
  if (missing !== undefined) {
    const near = nearest(missing, known)
    throw new DevkError('USAGE', `No workload belongs to ${missing}`, {
      hint: near === undefined ? 'devk status lists the services.' : `Did you mean "${near}"?`,
    })
  }
  if (all.length === 0) throw new DevkError('USAGE', 'Nothing is deployed', { hint: 'Run devk up first.' })
  return all.filter((workload) => services.length === 0 || services.includes(serviceOf(workload)))
}

/** The service whose label a workload carries. */
export function serviceOf(workload: KubeObject): string {
  return workload.metadata.labels?.[labels.service] ?? ''
}

/** The one workload that is meant, by `Kind/name` where a service has several. Throws USAGE when that does not single one out. */
export function oneWorkload(service: string, workloads: readonly KubeObject[], named: string | undefined): KubeObject {
  const short = (object: KubeObject) => `${object.kind}/${object.metadata.name}`
  const [only, ...others] =
    named === undefined ? workloads : workloads.filter((each) => short(each).toLowerCase() === named.toLowerCase())
  if (only !== undefined && others.length === 0) return only
  const names = workloads.map(short)
  if (only !== undefined) {
    throw new DevkError('USAGE', `${service} runs in ${names.join(' and ')}`, {
      hint: `Say which one: --workload ${names[0]}`,
    })
  }
  throw new DevkError('USAGE', `${service} has no workload ${named ?? ''}`, {
    hint: `It has ${workloads.map(nameOf).join(', ')}.`,
  })
}

/** The change that makes a workload replace its pods one by one, as kubectl and Argo's own plugin make it. Pure. */
export function restartPatch({ kind }: KubeObject, at: string): object {
  if (kind === 'Rollout') return { spec: { restartAt: at } }
  return { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': at } } } } }
}
