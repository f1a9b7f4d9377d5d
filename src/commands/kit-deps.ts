import { join } from 'node:path'
import type { CliContext } from '../cli/context.ts'
import { findCertificates } from '../images/certificates.ts'
import { type BuildKitOptions, buildKit, type KitDeps, type KitProgress } from '../kit/kit.ts'
import { duration } from '../lib/text.ts'
import { statePaths } from '../state/paths.ts'

/** The kit as this call of devk uses it. */
export async function kitDeps(ctx: CliContext): Promise<KitDeps> {
  return {
    runner: ctx.runner,
    cacheDir: statePaths(ctx.env).cache,
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

/** Builds with the kit and tells of each recipe in a line: what runs, and how long all of it still takes. */
export async function buildWithKit(
  ctx: CliContext,
  what: Pick<BuildKitOptions, 'only' | 'force'>,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const onProgress = (event: KitProgress) => onLine(kitLine(event))
  await buildKit(await kitDeps(ctx), { ...what, onProgress, signal })
}

function kitLine({ recipe, state, elapsed, remaining }: KitProgress): string {
  const rest = remaining > 0 ? `, about ${duration(remaining * 1000)} left in all` : ''
  return state === 'done' ? `${recipe} built in ${duration(elapsed * 1000)}${rest}` : `building ${recipe}${rest}`
}
