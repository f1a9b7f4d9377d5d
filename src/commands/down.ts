import { existsSync } from 'node:fs'
import { removeNetwork } from '../cluster/network.ts'
import type { CliContext, CommandFunction } from '../context.ts'
import type { Engine } from '../engine/api.ts'
import { leaveRegistry } from '../images/registry/content.ts'
import { registryPlace } from '../images/registry/registry.ts'
import { nameOf } from '../kube/api.ts'
import { labels } from '../lib/keys.ts'
import { count, duration } from '../lib/text.ts'
import { isAnnounced } from '../platform/registry-hosting.ts'
import { removeImage } from '../platform/remove-image.ts'
import { guestsOf, isHosted } from '../platform/shared-cluster.ts'
import { projectJournal, projectProvider, sharedJournal } from '../platform/tools.ts'
import { connectAgreed } from '../project/agreed.ts'
import { findRecord } from '../project/open.ts'
import { endSession, sessionName } from '../session/end.ts'
import { deletionsOf } from '../stack/plan.ts'
import { setClusterNames } from '../stack/presets/cluster-names.ts'
import { planRemoval, removeStack } from '../stack/remove.ts'
import { acquireLock } from '../state/lock.ts'
import { type ProjectRecord, removeProject, writeProject } from '../state/projects.ts'
import { writeJson, writeText } from '../terminal/output.ts'
import { sessionOf, tellKilled } from './actions/session.ts'

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
 * `devk down`: removes everything that the project has created, and nothing else. A devk that stays with the stack is
 * ended before. Reads devk's records, not the configuration.
 */
export const runDown: CommandFunction<DownFlags> = async (ctx, _args, flags) => {
  const record = await findRecord(ctx)
  if (record === undefined)
    return report(ctx, { removed: [], kept: [], ended: null }, 'No project is running here; nothing was removed')
  const { paths } = ctx
  const own = paths.project(record.name)
  const running = await sessionOf(ctx, record)
  const ended = running === undefined ? null : sessionName(running.state)
  // A dry run reads only, so it may run beside any other command.
  if (flags.dryRun) return remove(ctx, record, { ...flags, ended })
  await tellKilled(ctx, record)
  // One that brings the stack up cannot end yet: it holds the lock, and the message about that says what to do.
  if (running !== undefined && (await endSession(running, 'down', ctx.signal)) && !ctx.json)
    ctx.stderr.write(`${ended} has ended.\n`)
  const command = 'devk down'
  const lock = await acquireLock({ path: own.lock, command, pid: process.pid, signal: ctx.signal, wait: 2000 })
  try {
    return await remove(ctx, record, { ...flags, ended })
  } finally {
    await lock.release()
  }
}

async function remove(ctx: CliContext, record: ProjectRecord, flags: DownFlags & Ended): Promise<number> {
  const began = performance.now()
  const { paths } = ctx
  const { name } = record
  const { dryRun, ended } = flags
  const engine = ctx.engine()
  // devk never deletes a cluster that it did not create, whatever the flags say.
  const keepsCluster = flags.keepCluster || record.cluster.provider === 'existing'
  const { removed, kept } = keepsCluster
    ? await removeDeployed(ctx, record, paths.project(name).kubeconfig, flags)
    : { removed: await removeCluster(ctx, name, engine, dryRun), kept: [] }
  const guests = keepsCluster ? [] : await guestsOf(paths, name)
  for (const each of [name, ...guests.map((guest) => guest.name)]) {
    if (each !== name) removed.push(`project ${each}`)
    const images = await removeImages(ctx, each, engine, dryRun)
    removed.push(...images.removed)
    kept.push(...images.kept)
    if (!dryRun && each !== name) await removeProject(paths, each)
  }
  // The record leads a later `down --prune-data` to what is kept in the cluster.
  const isDone = !flags.keepCluster && (!keepsCluster || kept.length === 0)
  if (!dryRun && isDone) await removeProject(paths, name)
  // `down` in the same folder is for another environment from now on.
  else if (!dryRun && !flags.keepCluster) await writeProject(paths, { ...record, isDown: true })
  const elapsed = duration(performance.now() - began)
  const all = removed.join(', ')
  const done = all === '' ? 'Nothing was left to remove' : `✔ ${all} removed in ${elapsed}`
  const would = `${ended === null ? '' : `Would end ${ended}\n`}Would remove ${all || 'nothing'}`
  return report(ctx, { removed, kept, ended }, dryRun ? would : done)
}

/** The devk that held the stack and was ended, or would be; null if none did. */
interface Ended {
  readonly ended: string | null
}

/** What a step removed, and what it left, each with the reason. */
interface Removed {
  readonly removed: string[]
  readonly kept: string[]
}

/** Deletes what the project has deployed in a cluster that stays. Returns what was deleted, or what would be. */
async function removeDeployed(
  ctx: CliContext,
  record: ProjectRecord,
  kubeconfig: string,
  { dryRun, pruneData }: DownFlags,
): Promise<Removed> {
  const { name, cluster } = record
  // Without a kubeconfig no `up` was ever allowed to use the cluster, so it contains nothing of the project.
  if (cluster.provider === 'existing' && !existsSync(kubeconfig)) return { removed: [], kept: [] }
  const isGuest = cluster.project !== undefined
  // If the host project's cluster is gone, so are the objects in it.
  if (isGuest && !(await isHosted(ctx.paths, record))) return { removed: [], kept: [] }
  const { kube } = await connectAgreed(ctx, record)
  const { signal } = ctx
  const plan = await planRemoval(kube, name, { pruneData, signal })
  const deletions = deletionsOf(plan)
  const kept = plan.actions.flatMap((action) => (action.do === 'keep' ? `${nameOf(action.ref)}: ${action.why}` : []))
  if (dryRun) return { removed: deletions.map(({ ref }) => nameOf(ref)), kept }
  const wait = { kube, timeoutMs: 120_000, signal, clock: ctx.clock }
  await removeStack(plan, name, wait)
  if (cluster.provider !== 'existing') await setClusterNames({ ingress: null, host: null }, wait)
  return { removed: deletions.length === 0 ? [] : [count(deletions.length, 'object')], kept }
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

async function removeImages(ctx: CliContext, name: string, engine: Engine, dryRun: boolean): Promise<Removed> {
  const { signal } = ctx
  const images = await engine.images.list([`${labels.project}=${name}`], signal)
  if (dryRun) return { removed: images.length > 0 ? [count(images.length, 'image')] : [], kept: [] }
  const kept: string[] = []
  let gone = 0
  for (const image of images) {
    const tags = image.tags.length > 0 ? image.tags : [image.id]
    const used: string[] = []
    for (const tag of tags) if (!(await removeImage(engine, tag, signal))) used.push(tag)
    kept.push(...used.map((tag) => `image ${tag}: a container uses it`))
    if (used.length === 0) gone += 1
  }
  const removed = gone > 0 ? [count(gone, 'image')] : []
  const announced = await isAnnounced(ctx)
  const entries = await leaveRegistry(engine, { place: registryPlace(ctx.paths), project: name, announced }, signal)
  if (entries.removed > 0) removed.push(count(entries.removed, 'registry entry', 'registry entries'))
  if (entries.gone) await removeNetwork(engine, sharedJournal(ctx), signal)
  return { removed, kept }
}

async function report(ctx: CliContext, { removed, kept, ended }: Removed & Ended, text: string): Promise<number> {
  const lines = [text, ...kept.map((line) => `  kept ${line}`)]
  if (ctx.json) await writeJson(ctx.stdout, { ended, removed, kept })
  else await writeText(ctx.stderr, lines.map((line) => `${line}\n`).join(''))
  return 0
}
