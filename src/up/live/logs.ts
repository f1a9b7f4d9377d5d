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
  readonly shown: () => boolean
}

/** Prints new log lines of all services until the signal. Lines that arrive while `shown` is false are dropped. */
export async function followServices(
  ctx: CliContext,
  { cluster, config, shown }: FollowOptions,
  signal: AbortSignal,
): Promise<void> {
  const format = logFormatter({ color: ctx.color, json: ctx.json, services: Object.keys(config.services) })
  const query = {
    labels: `${labels.project}=${config.name},${labels.service}`,
    since: new Date(ctx.clock()).toISOString(),
    signal,
  }
  for await (const line of followLogs(cluster, query)) {
    if (shown()) await writeText(ctx.stdout, format(line))
  }
}
