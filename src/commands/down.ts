import { existsSync } from 'node:fs'
import { removeNetwork } from '../cluster/network.ts'
import type { CliContext, CommandFunction } from '../context.ts'
import type { Engine } from '../engine/api.ts'
import { leaveRegistry } from '../images/registry/content.ts'
import { registryContainer } from '../images/registry/registry.ts'
import { nameOf } from '../kube/api.ts'
import { connectKube } from '../kube/client/client.ts'
import { labels } from '../lib/keys.ts'
import { count, duration } from '../lib/text.ts'
import { requireAgreed } from '../platform/existing.ts'
import { guestsOf, isHosted } from '../platform/shared-cluster.ts'
import { projectJournal, projectProvider, sharedJournal } from '../platform/tools.ts'
import { findRecord } from '../project/open.ts'
import { deletionsOf } from '../stack/plan.ts'
import { setClusterHosts } from '../stack/presets/cluster-hosts.ts'
import { planRemoval, removeStack } from '../stack/remove.ts'
import { acquireLock } from '../state/lock.ts'
import { type ProjectRecord, removeProject } from '../state/projects.ts'
import { writeJson, writeText } from '../terminal/output.ts'

/** Flags of `devk down`. */
export interface DownFlags {
  /** Delete the objects of the project, and keep the cluster. */
  readonly keepCluster: boolean
  /** With keepCluster: also delete volume claims. */
  readonly pruneData: boolean
  /** List what would be removed, and remove nothing. */
  readonly dryRun: boolean
}

/**
 * `devk down`: removes everything that the project has created, and nothing else. Reads devk's records, not the
 * configuration.
 */
export const runDown: CommandFunction<DownFlags> = async (ctx, _args, flags) => {
  const began = performance.now()
  const record = await findRecord(ctx)
  if (record === undefined) return report(ctx, [], 'No project is running here; nothing was removed')
  const { name } = record
  const { paths } = ctx
  const own = paths.project(name)
  const lock = await acquireLock({
    path: own.lock,
    command: 'devk down',
    pid: process.pid,
    signal: ctx.signal,
    wait: 2000,
  })
  try {
    const engine = ctx.engine()
    // devk never deletes a cluster that it did not create, whatever the flags say.
    const keepsCluster = flags.keepCluster || record.cluster.provider === 'existing'
    const removed = keepsCluster
      ? await removeDeployed(ctx, record, own.kubeconfig, flags)
      : await removeCluster(ctx, name, engine, flags.dryRun)
    removed.push(...(await removeImages(ctx, name, engine, flags.dryRun)))
    const guests = keepsCluster ? [] : await guestsOf(paths, name)
    for (const guest of guests) {
      removed.push(`project ${guest.name}`, ...(await removeImages(ctx, guest.name, engine, flags.dryRun)))
      if (!flags.dryRun) await removeProject(paths, guest.name)
    }
    if (flags.dryRun) return report(ctx, removed, `Would remove ${removed.join(', ') || 'nothing'}`)
    if (!flags.keepCluster) await removeProject(paths, name)
    const elapsed = duration(performance.now() - began)
    return report(
      ctx,
      removed,
      removed.length === 0 ? 'Nothing was left to remove' : `✔ ${removed.join(', ')} removed in ${elapsed}`,
    )
  } finally {
    await lock.release()
  }
}

/** Deletes what the project has deployed in a cluster that stays. Returns what was deleted, or what would be. */
async function removeDeployed(
  ctx: CliContext,
  record: ProjectRecord,
  kubeconfig: string,
  { dryRun, pruneData }: DownFlags,
): Promise<string[]> {
  const { name, cluster } = record
  // Without a kubeconfig no `up` was ever allowed to use the cluster, so it contains nothing of the project.
  if (cluster.provider === 'existing' && !existsSync(kubeconfig)) return []
  const isGuest = cluster.project !== undefined
  // If the host project's cluster is gone, so are the objects in it.
  if (isGuest && !(await isHosted(ctx.paths, record))) return []
  const { kube, server } = await connectKube(kubeconfig, cluster.context)
  if (cluster.provider === 'existing' && !isGuest) await requireAgreed(ctx, record, kube, server)
  const { signal } = ctx
  const plan = await planRemoval(kube, name, { pruneData, signal })
  const deletions = deletionsOf(plan)
  if (dryRun) return deletions.map(({ ref }) => nameOf(ref))
  const wait = { kube, timeoutMs: 120_000, signal, clock: ctx.clock }
  await removeStack(plan, name, wait)
  if (cluster.provider !== 'existing') await setClusterHosts(undefined, wait)
  return [count(deletions.length, 'object')]
}

async function removeCluster(ctx: CliContext, name: string, engine: Engine, dryRun: boolean): Promise<string[]> {
  const { signal } = ctx
  const { kubeconfig } = ctx.paths.project(name)
  const removed: string[] = []
  for (const entry of await projectJournal(ctx, name).entries()) {
    if (entry.kind !== 'cluster') continue
    const provider = projectProvider(ctx, engine, name, entry.facts.provider === 'minikube' ? 'minikube' : 'kind')
    const { state } = await provider.inspect(entry.name, signal)
    if (state !== 'absent') removed.push(`cluster ${provider.contextName(entry.name)}`)
    if (!dryRun) await provider.delete(entry.name, kubeconfig, signal)
  }
  return removed
}

async function removeImages(ctx: CliContext, name: string, engine: Engine, dryRun: boolean): Promise<string[]> {
  const { signal } = ctx
  const images = await engine.images.list([`${labels.project}=${name}`], signal)
  const removed = images.length > 0 ? [count(images.length, 'image')] : []
  if (dryRun) return removed
  for (const image of images)
    for (const tag of image.tags.length > 0 ? image.tags : [image.id]) await engine.images.remove(tag, signal)
  const entries = await leaveRegistry(engine, registryContainer, name, signal)
  if (entries.removed > 0) removed.push(count(entries.removed, 'registry entry', 'registry entries'))
  if (entries.gone) await removeNetwork(engine, sharedJournal(ctx), signal)
  return removed
}

async function report(ctx: CliContext, removed: readonly string[], text: string): Promise<number> {
  if (ctx.json) await writeJson(ctx.stdout, { removed })
  else await writeText(ctx.stderr, `${text}\n`)
  return 0
}
