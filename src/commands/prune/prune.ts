import { existsSync } from 'node:fs'
import type { CliContext, CommandFunction } from '../../context.ts'
import type { Engine } from '../../engine/api.ts'
import { deleteTag, projectsInRegistry } from '../../images/registry/content.ts'
import { collectGarbage } from '../../images/registry/garbage.ts'
import {
  ensureRegistry,
  findRegistry,
  type Registry,
  registryImage,
  registryPlace,
  removeRegistry,
} from '../../images/registry/registry.ts'
import { bytes, count } from '../../lib/text.ts'
import { ownRegistry } from '../../platform/own-registry.ts'
import { isAnnounced } from '../../platform/registry-hosting.ts'
import { removeImage } from '../../platform/remove-image.ts'
import { acquireLock, type Lock } from '../../state/lock.ts'
import { listProjects, removeProject } from '../../state/projects.ts'
import { writeJson, writeText } from '../../terminal/output.ts'
import { pruneFacts } from './facts.ts'
import { type PrunePlan, planPrune } from './plan.ts'

/** Flags of `devk prune`. */
export interface PruneFlags {
  /** Only list what would be removed. */
  readonly dryRun: boolean
}

/**
 * `devk prune`: removes what devk created on this machine and no project uses any longer, and nothing else. Throws
 * LOCKED while another devk command changes a project, and ENGINE_UNAVAILABLE.
 */
export const runPrune: CommandFunction<PruneFlags> = async (ctx, _args, { dryRun }) => {
  const engine = ctx.engine()
  // No image may be built or pushed while devk decides which images are unused.
  const locks = dryRun ? [] : await lockAll(ctx)
  try {
    const before = await findRegistry(engine, registryPlace(ctx.paths), ctx.signal)
    const registry = before ?? (dryRun ? undefined : await restartRegistry(ctx, engine))
    const plan = planPrune(await pruneFacts(ctx, engine, registry))
    const freed = dryRun ? total(plan) : await removeUnused(ctx, engine, registry, plan)
    await report(ctx, plan, dryRun, freed)
    return 0
  } finally {
    for (const lock of locks) await lock.release()
  }
}

/** Locks all projects. Throws LOCKED, naming the command that holds a lock. */
async function lockAll(ctx: CliContext): Promise<Lock[]> {
  const { paths } = ctx
  const locks: Lock[] = []
  try {
    for (const { name } of await listProjects(paths)) {
      const { lock: path } = paths.project(name)
      locks.push(await acquireLock({ path, command: 'devk prune', pid: process.pid, signal: ctx.signal }))
    }
  } catch (error) {
    for (const lock of locks) await lock.release()
    throw error
  }
  return locks
}

/** Starts the registry again if only its data is left: the container is removed with the last project. */
async function restartRegistry(ctx: CliContext, engine: Engine): Promise<Registry | undefined> {
  const place = ownRegistry(ctx)
  if (!existsSync(place.dataFolder) || (await engine.images.inspect(registryImage, ctx.signal)) === undefined) return
  return ensureRegistry(engine, place, ctx.signal)
}

/** Returns the bytes that were freed. */
async function removeUnused(
  ctx: CliContext,
  engine: Engine,
  registry: Registry | undefined,
  plan: PrunePlan,
): Promise<number> {
  const { signal } = ctx
  let freed = 0
  for (const { reference, bytes: own } of plan.images) if (await removeImage(engine, reference, signal)) freed += own
  if (registry !== undefined) {
    for (const reference of plan.registry) await deleteTag(registry, reference, signal)
    freed += await collectGarbage(engine, registry, ownRegistry(ctx), signal)
  }
  for (const name of plan.projects) await removeProject(ctx.paths, name)
  if (
    registry !== undefined &&
    (await projectsInRegistry(registry, signal)).length === 0 &&
    !(await isAnnounced(ctx))
  ) {
    await removeRegistry(engine, registry.container, signal)
  }
  return freed
}

const total = ({ images }: PrunePlan) => images.reduce((sum, image) => sum + image.bytes, 0)

async function report(ctx: CliContext, plan: PrunePlan, dryRun: boolean, freed: number): Promise<void> {
  const images = plan.images.map(({ reference }) => reference)
  const { projects, registry } = plan
  if (ctx.json) return writeJson(ctx.stdout, { dryRun, projects, images, registry, bytes: freed })
  const parts = [
    ...(projects.length > 0 ? [count(projects.length, 'record')] : []),
    ...(images.length > 0 ? [count(images.length, 'image')] : []),
    ...(registry.length > 0 ? [count(registry.length, 'registry entry', 'registry entries')] : []),
  ].join(', ')
  if (dryRun) {
    const lines = [
      ...projects.map((name) => `record    ${name}   its cluster no longer exists`),
      ...images.map((name) => `image     ${name}`),
      ...registry.map((name) => `registry  ${name}`),
    ]
    await writeText(ctx.stdout, lines.map((line) => `${line}\n`).join(''))
    const space = `${bytes(freed)} of images, plus the data of the registry entries`
    return writeText(ctx.stderr, parts === '' ? 'Would remove nothing\n' : `Would remove ${parts}: ${space}\n`)
  }
  const what = parts === '' ? 'Nothing to remove' : `✔ Removed ${parts}`
  await writeText(ctx.stderr, `${what}; ${bytes(freed)} freed\n`)
}
