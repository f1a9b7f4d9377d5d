import type { AgentBinary } from '../../agent/binary.ts'
import { nodeAgents } from '../../agent/node-agents.ts'
import type { LoadedConfig } from '../../config/schema.ts'
import type { CliContext } from '../../context.ts'
import { type ForwardTarget, podConnect } from '../../forward/connect.ts'
import { startForward, whyNoConnection } from '../../forward/forwarder.ts'
import { portOwners } from '../../host/port-owner.ts'
import { trackPods } from '../../loop/pods.ts'
import { redeployInputs, watchedServices } from '../../loop/services.ts'
import { runSession } from '../../loop/session.ts'
import { slowerWithout } from '../../platform/agent.ts'
import type { Platform } from '../../platform/platform.ts'
import type { Preset } from '../../presets/folder.ts'
import { withUnits } from '../../project/selection.ts'
import { prune } from '../../stack/apply.ts'
import type { Desired } from '../../stack/desired/desired.ts'
import { podSyncer } from '../../sync/pod-syncer.ts'
import { watchTree } from '../../watch/watch-tree.ts'
import type { Converge } from '../converger.ts'
import { supplyImage } from '../images/supply.ts'
import { type ImageWork, imageOwners, imageWorkOf } from '../images/wanted.ts'
import type { KeyCommands } from '../options.ts'
import { workOptions } from '../prepare.ts'
import { type PlannedForward, presetForwards } from '../presets/forwards.ts'
import { liveChanges } from './changes.ts'
import { type LiveKeys, liveKeys } from './keys.ts'
import { followServices } from './logs.ts'
import { liveReporter } from './report.ts'
import type { LiveSettings } from './settings.ts'

/** A stack that is up, and how to stay with it. */
export interface LiveOptions {
  /** Limited to the services and externals that were asked for. */
  readonly config: LoadedConfig
  readonly settings: LiveSettings
  /** Services and externals that were asked for; undefined: all. */
  readonly only: ReadonlySet<string> | undefined
  readonly platform: Platform
  readonly desired: Desired
  /** Presets that are up. */
  readonly presets: readonly Preset[]
  readonly converge: Converge
  /** The images that the stack runs. */
  readonly works: readonly ImageWork[]
  /** The program of the agents on the nodes. */
  readonly agent: () => Promise<AgentBinary>
  /** Wall clock, ms. Files saved after it are not in the images. */
  readonly since: number
  /** False with --no-watch: forwards and logs only. */
  readonly watch: boolean
  readonly keys: KeyCommands
  /** The first URL, for the key that opens it. */
  readonly url: string | undefined
  /** Called when every forward listens, and has reached its pod or printed why not. */
  readonly onReady: () => Promise<void>
}

/**
 * Watches, syncs, rebuilds, forwards ports and prints logs until the signal, or until the user ends it with a key.
 * Returns the exit code: 130 or 0. Throws PORT_TAKEN when a forward cannot listen.
 */
export async function live(ctx: CliContext, options: LiveOptions): Promise<number> {
  const left = new AbortController()
  const signal = AbortSignal.any([ctx.signal, left.signal])
  const { config, platform, desired, converge } = options
  const { kube, streams } = platform
  const keys: { current?: LiveKeys } = {}
  const report = liveReporter(ctx, () => keys.current?.hint ?? 'Ctrl-C leaves the stack running')
  const services = Object.entries(config.services)
  const containers = Object.fromEntries(services.map(([name, { container }]) => [name, container]))
  const pods = trackPods(kube, { project: config.name, containers }, signal)
  const agents = nodeAgents({
    runner: ctx.runner,
    binary: options.agent,
    onUnusable: (error) => report.line('devk', slowerWithout(error)),
  })
  const connect = podConnect(agents, streams.connect)
  const nodeContainers = new Map(platform.nodes.map(({ name, container }) => [name, container]))
  const targetOf = (service: string): ForwardTarget | undefined => {
    const pod = pods.newestReady(service)
    if (pod === undefined) return undefined
    const { podIP } = (pod.status ?? {}) as { podIP?: string }
    const nodeContainer = nodeContainers.get(pod.spec?.nodeName ?? '')
    return { namespace: pod.metadata.namespace ?? 'default', name: pod.metadata.name, ip: podIP, nodeContainer }
  }
  try {
    const planned: PlannedForward[] = [
      ...desired.forwards.map((forward) => ({ ...forward, target: () => targetOf(forward.name) })),
      ...(await presetForwards(kube, options.presets, platform.nodes, signal)),
    ]
    const forwards = await Promise.all(
      planned.map(({ name, local, remote, target }) =>
        startForward({
          name,
          localPort: local,
          remotePort: remote,
          connect,
          signal,
          now: ctx.clock,
          portOwner: portOwners(ctx.runner, process.platform),
          target,
          onEvent: (event) => {
            if (event.type === 'failed') report.line(name, `forward: ${event.reason}`)
          },
        }),
      ),
    )
    await Promise.all(
      planned.map(async ({ name, remote, target }) => {
        const problem = await whyNoConnection(target, remote, connect, signal)
        if (problem !== undefined) report.line(name, `forward: port ${remote} ${problem}`)
      }),
    )
    await options.onReady()
    if (ctx.isTTY && !ctx.json) {
      const say = (text: string) => report.line('devk', text)
      keys.current = liveKeys(ctx, { commands: options.keys, url: options.url, leave: () => left.abort(), say, signal })
    }
    const logs = followServices(
      ctx,
      { cluster: platform, config, shown: () => keys.current?.logsShown() ?? true },
      signal,
    )
    if (options.watch) {
      const { settings, only } = options
      const current = () => withUnits(settings.current(), only)
      const changes = liveChanges({
        converge,
        config: settings.current,
        owners: () => imageOwners(settings.current()),
        work: (owner) => imageWorkOf(settings.current(), owner, workOptions(ctx, platform.route.prefix)),
        supply: (work, either) => supplyImage(work, platform, () => {}, either),
        running: options.works.map(({ listing: _, ...work }) => work),
      })
      await runSession(
        {
          pods,
          syncer: podSyncer(agents, streams, (node) => nodeContainers.get(node)),
          reread: settings.reread,
          services: () => watchedServices(current()),
          inputs: () => redeployInputs(settings.current()),
          listings: options.works.flatMap(({ listing }) => listing ?? []),
          redeploy: async (held, either) => (await changes.redeploy(held, either)).failed,
          rebuild: changes.rebuild,
          deletePod: ({ uid, ...pod }, either) => {
            const ref = { apiVersion: 'v1', kind: 'Pod', ...pod }
            return prune({ actions: [{ do: 'delete', ref, uid }] }, { kube, signal: either, patienceMs: 0 })
          },
          watch: (watching) => watchTree({ ...watching, now: ctx.clock }),
          since: options.since,
          now: ctx.clock,
          report: report.event,
        },
        signal,
      )
    } else await new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }))
    await Promise.all([logs, ...forwards.map(({ done }) => done)])
    return ctx.signal.aborted ? 130 : 0
  } finally {
    agents.close()
  }
}
