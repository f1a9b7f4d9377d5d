import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { LoadedConfig } from '../../config/schema.ts'
import type { CliContext } from '../../context.ts'
import { toolchainEnvironment } from '../../exec/environment.ts'
import { localBuilds } from '../../local/local-builds.ts'
import type { RunInContainer } from '../../loop/after-sync.ts'
import type { PodTracker } from '../../loop/pods.ts'
import type { ServiceLoopDeps } from '../../loop/service-loop.ts'

/** The builds on this machine of a devk that stays. */
export interface LiveCompile {
  readonly compile: ServiceLoopDeps['compile']
  /** Removes the copies of what was compiled. */
  close(): Promise<void>
}

/** Creates them. `config` is the configuration as it is now, to whose commands the user has agreed. */
export function liveCompile(
  ctx: CliContext,
  config: () => LoadedConfig,
  { pods, run }: { readonly pods: Pick<PodTracker, 'running'>; readonly run: RunInContainer },
): LiveCompile {
  const { root, name: project } = config()
  const { outputs } = ctx.paths.project(project)
  const env = toolchainEnvironment(ctx.env)
  const builds = localBuilds({
    runner: ctx.runner,
    env,
    root,
    folder: (service) => join(outputs, service),
    exec: run,
  })
  return {
    async compile(name, all, signal) {
      const build = config().services[name]?.build
      if (build === undefined) return { problem: 'is not part of the configuration any more', output: '', files: [] }
      return builds.compile({ name, build, targets: pods.running(name), all }, signal)
    },
    close: () => rm(outputs, { recursive: true, force: true }),
  }
}
