import { join } from 'node:path'
import type { CliContext } from '../context.ts'
import { findCertificates } from '../images/build/certificates.ts'
import { type BuildKitOptions, buildKit, type KitDeps, type KitProgress, kitOffer } from '../kit/kit.ts'
import { duration } from '../lib/text.ts'

/** What the kit needs to run on this machine. */
export async function kitDeps(ctx: CliContext): Promise<KitDeps> {
  return {
    runner: ctx.runner,
    images: ctx.engine().images,
    cacheDir: ctx.paths.cache,
    kitDir: join(ctx.packageRoot, 'kit'),
    platform: {
      os: process.platform,
      arch: process.arch,
      uid: process.getuid?.() ?? -1,
      caBundle: await findCertificates(true, ctx.env).catch(() => undefined),
    },
    mayInstall: ctx.yes,
    clock: () => performance.now(),
  }
}

/** Whether the kit can build an image of a reference, as a function. */
export function kitOffers(): (reference: string) => boolean {
  return kitOffer(process.arch)
}

/**
 * Builds with the kit. `onLine` gets what is being built, what is done, and how much time is left. Throws what
 * `buildKit` throws.
 */
export async function buildWithKit(
  ctx: CliContext,
  { onStandIn, ...what }: Pick<BuildKitOptions, 'only' | 'force' | 'onStandIn'>,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  await buildKit(await kitDeps(ctx), {
    ...what,
    onProgress: kitLines(onLine, ctx.isTTY),
    onStandIn(wanted, source) {
      onLine(`${source} of the kit stands in for ${wanted}`)
      onStandIn?.(wanted, source)
    },
    onWait: waiting(onLine),
    signal,
  })
}

function waiting(onLine: (line: string) => void): (holder: string) => void {
  return (holder) => onLine(`waiting for ${holder}, which builds images on this machine`)
}

/**
 * Turns the kit's events into lines: one when a recipe starts and one when it is done. With `live`, each event updates
 * the time left.
 */
export function kitLines(onLine: (line: string) => void, live: boolean): (event: KitProgress) => void {
  const running = new Set<string>()
  return ({ recipe, state, elapsed, remaining }) => {
    if (state === 'waiting') return
    const rest = remaining > 0 ? `, about ${duration(remaining * 1000)} left` : ''
    if (state === 'running') {
      if (running.has(recipe) && !live) return
      running.add(recipe)
      onLine(`building ${[...running].join(', ')}${rest}`)
      return
    }
    running.delete(recipe)
    if (state === 'done') onLine(`${recipe} built in ${duration(elapsed * 1000)}${rest}`)
  }
}
