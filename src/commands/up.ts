import type { CliContext, CommandFunction } from '../cli/context.ts'
import type { UpFlags } from '../cli/flags.ts'
import { loadConfig } from '../config/load.ts'
import type { LoadedConfig } from '../config/schema.ts'
import { parseDuration } from '../lib/duration.ts'
import type { Desired } from '../stack/desired.ts'
import { acquireLock } from '../state/lock.ts'
import { statePaths } from '../state/paths.ts'
import { type ProjectRecord, readProject, writeProject } from '../state/projects.ts'
import { type Converge, type ConvergeOptions, converger } from './converge.ts'
import { live } from './live.ts'
import { write, writeJson } from './output.ts'
import { type Platform, readyPlatform } from './platform.ts'
import { clusterUid } from './project.ts'
import { selectUnits } from './selection.ts'
import { progressOf } from './steps.ts'
import { addresses, summaryText } from './summary.ts'

/** `devk up`: converges everything, prints the URLs, and on a terminal stays to watch. */
export const runUp: CommandFunction<UpFlags> = async (ctx, services, flags) => {
  const began = performance.now()
  const config = await loadConfig({
    cwd: ctx.cwd,
    file: ctx.configFile,
    profile: flags.profile,
    env: ctx.env,
    presets: [],
  })
  const only = selectUnits(config, services)
  const paths = statePaths(ctx.env)
  const lock = await acquireLock({
    path: paths.project(config.name).lock,
    command: 'devk up',
    pid: process.pid,
    signal: ctx.signal,
  })
  try {
    const planned = plannedRecord(config, flags.profile)
    // Before anything is made, so that down finds it after any crash; what an earlier up found out stays.
    await writeProject(paths, {
      ...planned,
      ...(await readProject(paths, config.name)),
      root: config.root,
      configFile: config.file,
    })
    const progress = progressOf(ctx)
    const platform = await readyPlatform(ctx, config, progress)
    const since = ctx.clock()
    const timeoutMs = flags.timeout ?? parseDuration(config.timeout) ?? 600_000
    const options = { config, platform, timeoutMs, only }
    const converge = converger(ctx, { ...options, hooks: progress.hooks })
    const { desired, changes } = await progress.stack(() => converge.all(ctx.signal))
    await writeProject(paths, await deployedRecord(planned, config, platform, desired, ctx.signal))
    const stays = !flags.detach
    const told = {
      services: Object.keys(config.services).length,
      externals: Object.keys(config.externals).length,
      changes,
      ms: performance.now() - began,
      addresses: addresses(config, stays ? desired.forwards : []),
    }
    if (ctx.json) await writeJson(ctx.stdout, { project: config.name, ...told })
    else await write(ctx.stderr, summaryText(told, ctx.color))
    if (!stays) return 0
    await live(
      ctx,
      { config, platform, desired, converge: quietly(ctx, options), since, watch: flags.watch },
      ctx.signal,
    )
    return 130
  } finally {
    await lock.release()
  }
}

/** The loop reports by itself: a converger without a progress display. */
export function quietly(ctx: CliContext, options: Omit<ConvergeOptions, 'hooks'>): Converge {
  return converger(ctx, { ...options, hooks: { image: (_owner, run) => run(() => {}), onEvent: () => {} } })
}

/** What is known of a project before it is up. */
function plannedRecord(config: LoadedConfig, profile: string | undefined): ProjectRecord {
  const cluster = config.cluster.name ?? config.name
  const { provider } = config.cluster
  return {
    name: config.name,
    root: config.root,
    configFile: config.file,
    profile,
    cluster: { provider, name: cluster, context: `${provider}-${cluster}`, uid: undefined },
    namespace: config.deploy.namespace ?? 'default',
    services: [],
    externals: Object.keys(config.externals),
    presets: config.presets,
    forwards: [],
  }
}

async function deployedRecord(
  planned: ProjectRecord,
  config: LoadedConfig,
  { cluster, kube }: Platform,
  desired: Desired,
  signal: AbortSignal,
): Promise<ProjectRecord> {
  const services = Object.entries(config.services).map(([name, { url }]) => {
    const target = desired.services[name]?.[0]?.workload
    return {
      name,
      url,
      workload: target && `${target.kind}/${target.name}`,
      namespace: target?.namespace ?? desired.namespace,
    }
  })
  return {
    ...planned,
    cluster: { provider: planned.cluster.provider, ...cluster, uid: await clusterUid(kube, signal) },
    namespace: desired.namespace,
    services,
    forwards: desired.forwards.map(({ name, local, remote }) => ({ name, local, remote })),
  }
}
