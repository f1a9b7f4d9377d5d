import type { CommandFunction } from '../cli/context.ts'
import type { RestartFlags } from '../cli/flags.ts'
import { DevkError } from '../errors.ts'
import { type Kube, type KubeObject, labels, nameOf, refOf } from '../kube/api.ts'
import { readiness } from '../kube/ready.ts'
import { waitUntil } from '../lib/wait.ts'
import { write, writeJson } from './output.ts'
import { openProject } from './project.ts'

const kinds = ['Deployment', 'StatefulSet', 'DaemonSet'] as const

/** `devk restart [service…]`: a rolling restart on the cluster's own revisions, as `kubectl rollout restart` makes it. */
export const runRestart: CommandFunction<RestartFlags> = async (ctx, services, flags) => {
  const project = await openProject(ctx)
  const workloads = await workloadsOf(project.kube, project.record.name, services, ctx.signal)
  const at = new Date(ctx.clock()).toISOString()
  const patch = { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': at } } } } }
  await Promise.all(workloads.map((workload) => project.kube.patch(refOf(workload), patch, ctx.signal)))
  for (const workload of workloads) await settled(project.kube, workload, flags.timeout ?? 300_000, ctx.signal)
  const names = workloads.map(nameOf)
  if (ctx.json) await writeJson(ctx.stdout, { restarted: names })
  else await write(ctx.stderr, `restarted ${names.join(', ')}\n`)
  return 0
}

async function workloadsOf(kube: Kube, project: string, services: readonly string[], signal: AbortSignal) {
  const selector = `${labels.project}=${project},${labels.service}${services.length > 0 ? ` in (${services.join(',')})` : ''}`
  const lists = await Promise.all(
    kinds.map((kind) => kube.list({ apiVersion: 'apps/v1', kind }, { labels: selector, signal })),
  )
  const found = lists.flat()
  const missing = services.filter(
    (name) => !found.some((workload) => workload.metadata.labels?.[labels.service] === name),
  )
  if (missing.length === 0 && found.length > 0) return found
  throw new DevkError(
    'USAGE',
    missing.length > 0 ? `No workload belongs to ${missing.join(', ')}` : 'Nothing is deployed',
    {
      hint: 'devk status lists the services.',
    },
  )
}

function settled(kube: Kube, workload: KubeObject, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const check = async () => {
    const current = await kube.get(refOf(workload), signal)
    if (current === undefined) return 'it is gone'
    const state = readiness(current)
    return state.ready ? undefined : state.reason
  }
  return waitUntil(check, { what: nameOf(workload), timeoutMs, signal })
}
