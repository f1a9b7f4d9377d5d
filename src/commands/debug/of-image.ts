import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { CliContext } from '../../context.ts'
import type { Debugger } from '../../debug/debugger.ts'
import { builtDelve } from '../../debug/go/build.ts'
import { goDebugger } from '../../debug/go/go.ts'
import { findGo } from '../../debug/go/program.ts'
import { withoutSession } from '../../debug/hold.ts'
import { jvmDebugger, runsJvm } from '../../debug/jvm/jvm.ts'
import { openImage } from '../../engine/open-image.ts'
import type { KubeObject, PodStreams } from '../../kube/api.ts'
import { delve } from '../../lib/keys.ts'
import { podTemplate } from '../../manifests/workload.ts'
import { goFinder } from '../../platform/agent.ts'
import { readyPlatform } from '../../platform/platform.ts'
import type { LoadedProject } from '../../project/load.ts'
import { progressOf } from '../../terminal/choose-progress.ts'
import { programImage } from '../../up/images/program-image.ts'
import { supplyImage } from '../../up/images/supply.ts'

/** The container that is debugged. */
interface ImagePlace {
  readonly loaded: LoadedProject
  readonly workload: KubeObject
  readonly container: string
  readonly streams: Pick<PodStreams, 'connect'>
}

/**
 * The debugger for the program in Go, or of the JVM, that a container of a workload runs, by what its image says.
 * undefined if it runs none, or if the engine does not have its image. Throws ENGINE_UNAVAILABLE.
 */
export async function debuggerOfImage(
  ctx: CliContext,
  { loaded, workload, container, streams }: ImagePlace,
  signal: AbortSignal,
): Promise<Debugger | undefined> {
  const containers = podTemplate(withoutSession(workload))?.spec.containers ?? []
  const main = containers.find(({ name }) => name === container)
  if (main?.image === undefined) return undefined
  const image = await openImage(ctx.engine(), main.image, loaded.config.name, signal)
  if (image === undefined) return undefined
  try {
    const command = await findGo(image, main)
    if (command !== undefined) return goDebugger(command, (either) => delveImage(ctx, loaded, either))
    return runsJvm(image, main) ? jvmDebugger(image, streams.connect) : undefined
  } finally {
    await image.close()
  }
}

/**
 * Builds Delve, makes an image of it, and brings that to the nodes. Returns its name. Throws TOOL_MISSING,
 * DEBUG_UNAVAILABLE, and what `readyPlatform` and `supplyImage` throw.
 */
async function delveImage(ctx: CliContext, { config, chosen }: LoadedProject, signal: AbortSignal): Promise<string> {
  const { runner, paths, packageRoot } = ctx
  const progress = progressOf(ctx)
  const { arch } = await ctx.engine().images.info(signal)
  const build = { runner, cacheDir: paths.cache, findGo: goFinder(ctx) }
  const file = await progress.step('Delve', async (say) => {
    say('building, where this machine has none yet')
    const value = await builtDelve(build, join(packageRoot, 'debuggers', 'go'), arch, signal)
    return { value, note: basename(value) }
  })
  const wantedPorts = chosen.flatMap(({ hostPorts }) => hostPorts)
  const { supply, route } = await readyPlatform(ctx, config, { progress, wantedPorts, beforeCluster: async () => {} })
  const about = { ...delve, project: config.name, registry: route.prefix, folder: join(paths.cache, 'delve-image') }
  const work = await programImage(about, { id: basename(file), content: await readFile(file) })
  await progress.hooks.image(
    delve.owner,
    (onLine) => supplyImage(work, { supply, route }, onLine, signal),
    ({ via }) => via,
  )
  return work.reference
}
