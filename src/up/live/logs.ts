import type { LoadedConfig } from '../../config/schema.ts'
import type { CliContext } from '../../context.ts'
import type { Kube, PodStreams } from '../../kube/api.ts'
import { labels } from '../../lib/keys.ts'
import { followLogs } from '../../logs/follow.ts'
import { logFormatter } from '../../terminal/log-lines.ts'
import { writeText } from '../../terminal/output.ts'

/** Prints the logs of all services from now on, until the signal; what comes while they are not shown is passed over. */
export async function followServices(
  ctx: CliContext,
  cluster: { readonly kube: Kube; readonly streams: PodStreams },
  config: LoadedConfig,
  shown: () => boolean,
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
