import type { LoadedConfig } from '../../config/schema.ts'
import type { CliContext } from '../../context.ts'
import type { Kube, PodStreams } from '../../kube/api.ts'
import { labels } from '../../lib/keys.ts'
import { followLogs } from '../../logs/follow.ts'
import { logFormatter } from '../../terminal/log-lines.ts'
import { writeText } from '../../terminal/output.ts'

/** Whose logs to print. */
export interface FollowOptions {
  readonly cluster: { readonly kube: Kube; readonly streams: PodStreams }
  readonly config: LoadedConfig
  /** Wall clock, ms. Older lines are not printed. */
  readonly since: number
  readonly shown: () => boolean
}

/**
 * Prints the log lines of all services from a time on, until the signal. Lines that arrive while `shown` is false are
 * dropped.
 */
export async function followServices(
  ctx: CliContext,
  { cluster, config, since, shown }: FollowOptions,
  signal: AbortSignal,
): Promise<void> {
  const units = [...Object.keys(config.services), ...Object.keys(config.locals)]
  const format = logFormatter({ color: ctx.color, json: ctx.json, services: units })
  const query = {
    labels: `${labels.project}=${config.name},${labels.service}`,
    since: new Date(since).toISOString(),
    earlierRuns: true,
    signal,
  }
  for await (const line of followLogs(cluster, query)) {
    if (shown()) await writeText(ctx.stdout, format(line))
  }
}
