import { nodeAgents } from '../../agent/node-agents.ts'
import type { LoadedConfig } from '../../config/schema.ts'
import type { CliContext } from '../../context.ts'
import { podConnect } from '../../forward/connect.ts'
import type { RunInContainer } from '../../loop/after-sync.ts'
import { trackPods } from '../../loop/pods.ts'
import { redeployInputs, watchedServices } from '../../loop/services.ts'
import { runSession } from '../../loop/session.ts'
import { slowerWithout } from '../../platform/agent.ts'
import { withUnits } from '../../project/selection.ts'
import type { Session } from '../../session/session.ts'
import { prune } from '../../stack/apply.ts'
import type { Desired } from '../../stack/desired/desired.ts'
import { runInContainer } from '../../sync/in-container.ts'
import { podSyncer } from '../../sync/pod-syncer.ts'
import { watchTree } from '../../watch/watch-tree.ts'
import { type BringingOptions, bringing } from '../bringing.ts'
import { supplyImage } from '../images/supply.ts'
import { imageOwners, imageWorkOf } from '../images/wanted.ts'
import type { ImageWork } from '../images/work.ts'
import { withForwards } from '../limit.ts'
import type { KeyCommands } from '../options.ts'
import { workOptions } from '../prepare.ts'
import { presetForwards } from '../presets/forwards.ts'
import type { StackStart, StackUp } from '../stack-up.ts'
import { liveChanges } from './changes.ts'
import { liveCompile } from './compile.ts'
import { endedText } from './event-text.ts'
import { liveForwards, serviceForwards } from './forwards.ts'
import { fromPods } from './from-pods.ts'
import { watchHealth } from './health.ts'
import { type LiveKeys, liveKeys } from './keys.ts'
import { liveLocals } from './locals.ts'
import { followServices } from './logs.ts'
import { servedOnce } from './page.ts'
import { pulling } from './pull.ts'
import { liveReporter } from './report.ts'
import type { LiveSettings } from './settings.ts'
import { traceSaves } from './trace-saves.ts'

/** A stack that is up or comes up, and how to stay with it. */
export interface LiveOptions {
  /** Limited to the services and externals that were asked for. */
  readonly config: LoadedConfig
  readonly settings: LiveSettings
  /** Services and externals that were asked for; undefined: all. */
  readonly only: ReadonlySet<string> | undefined
  readonly start: StackStart
  readonly desired: Desired
  /** The images that the nodes have. */
  readonly works: readonly ImageWork[]
  /** The attempt to bring the stack up that runs or has ended. */
  readonly first: BringingOptions<StackUp>['first']
  /** Whether that attempt has brought it up. */
  readonly isUp: boolean
  /** Brings the stack up once more. */
  readonly run: BringingOptions<StackUp>['run']
  /** False with --no-watch: forwards and logs only. */
  readonly watch: boolean
  readonly keys: KeyCommands
  /** False without --timing: the lines of saves do not show where their time went. */
  readonly timing: boolean
  /** Sends each save as a trace to the preset jaeger. */
  readonly traceSaves: boolean
  /** Takes each event of the loop, controls it, and can end it. */
  readonly session: Pick<Session, 'event' | 'line' | 'note' | 'serves' | 'control' | 'onControl' | 'onLeave' | 'onPage'>
  /** False: log lines of services are not printed. */
  readonly logs: boolean
  /** The first URL, for the key that opens it. */
  readonly url: string | undefined
  /** Wall clock, ms. Older log lines are not shown. */
  readonly logsSince: number
  /** Called for each change of the stack by the loop, when it is applied. */
  readonly onApplied: (desired: Desired) => Promise<void>
  /** Called once, when the stack is up and every forward has reached its pod or printed why not. */
  readonly onUp: (up: StackUp) => Promise<void>
}

/**
 * Watches, syncs, rebuilds, forwards ports and prints logs until the signal, or until the user ends it with a key. A
 * stack that is not up yet is brought up meanwhile, again after each save. Returns the exit code: 130 or 0. Throws
 * PORT_TAKEN when a forward cannot listen.
 */
export async function live(ctx: CliContext, options: LiveOptions): Promise<number> {
  const left = new AbortController()
  const signal = AbortSignal.any([ctx.signal, left.signal])
  const { config, start, desired } = options
  const { platform, converge } = start
  const { kube, streams } = platform
  const keys: { current?: LiveKeys } = {}
  let locals: Promise<void> | undefined
  const traces = options.traceSaves
    ? traceSaves(ctx, { config: options.settings.current, cluster: platform, report: () => report }, signal)
    : undefined
  const report = liveReporter(ctx, {
    hint: () => keys.current?.hint ?? 'Ctrl-C leaves the stack running',
    timing: options.timing,
    also: options.session,
    traces,
  })
  options.session.onLeave((by) => {
    report.line('devk', endedText(by))
    left.abort()
  })
  const page = servedOnce(() => options.keys.page(ctx, signal))
  options.session.onPage(page)
  const containers = Object.fromEntries(
    Object.entries(config.services).map(([name, { container }]) => [name, container]),
  )
  const pods = trackPods(kube, { project: config.name, containers }, signal)
  const agents = nodeAgents({
    runner: ctx.runner,
    binary: start.agent,
    onUnusable: (error) => report.line('devk', slowerWithout(error)),
  })
  const forwarding = { connect: podConnect(agents, streams.connect), report: report.line, signal }
  const [forwards, presetPorts] = [liveForwards(ctx, forwarding), liveForwards(ctx, forwarding)]
  const nodeContainers = new Map(platform.nodes.map(({ name, container }) => [name, container]))
  const onFailed = (error: unknown) => {
    if (!signal.aborted) report.event({ type: 'failed', service: undefined, during: 'up', error })
  }
  const stack = bringing<StackUp>({ first: options.first, run: options.run, onFailed }, signal)
  try {
    const containerOf = (node: string) => nodeContainers.get(node)
    const forwardsOf = (all: Desired) =>
      serviceForwards(all.forwards, options.settings.current().allowedHosts, { pods, containerOf })
    await forwards.listen(forwardsOf(desired))
    const shownOnce = stack.up.then(async (up) => {
      await presetPorts.listen(await presetForwards(kube, up.presets, platform.nodes, signal))
      await Promise.all([forwards.prove(), presetPorts.prove()])
      await options.onUp(up)
    })
    const watching = Promise.withResolvers<void>()
    Promise.all([shownOnce, watching.promise]).then(options.session.serves, () => {})
    if (options.isUp) await shownOnce
    else shownOnce.catch(onFailed)
    if (ctx.isTTY && !ctx.json) {
      const say = (text: string) => report.line('devk', text)
      const { keys: commands, url } = options
      const { lastFailure } = report
      const { control } = options.session
      keys.current = liveKeys(ctx, {
        commands,
        url,
        page,
        lastFailure,
        control,
        leave: () => left.abort(),
        say,
        signal,
      })
    }
    const health = watchHealth({ kube, say: (text) => report.line('devk', text), signal })
    const shown = () => keys.current?.logsShown() ?? true
    const following = { cluster: platform, config, since: options.logsSince, shown }
    const logs = options.logs ? followServices(ctx, following, signal) : undefined
    const { watch } = options
    // In an existing cluster, which has other users, nothing listens for programs of this machine.
    const listening = config.cluster.provider === 'existing' ? [] : nodeContainers.values()
    const reached = fromPods({ agents, nodeContainers: listening, report: report.line }, signal)
    const { line } = options.session
    locals = liveLocals(ctx, { config, pods, watch, shown, report: report.event, line, fromPods: reached }, signal)
    if (watch) {
      const { settings, only } = options
      const current = () => withUnits(settings.current(), only)
      const changes = liveChanges({
        converge,
        config: settings.current,
        owners: () => imageOwners(settings.current()),
        work: (owner, either) =>
          imageWorkOf(settings.current(), owner, workOptions(ctx, platform.route.prefix, either)),
        async supply(work, either) {
          await platform.route.renew?.(either)
          return supplyImage(work, platform, () => {}, either)
        },
        async onApplied(all) {
          const applied = withForwards(all, only)
          await Promise.all([forwards.change(forwardsOf(applied)), options.onApplied(applied)])
        },
        warn: (warning) => report.event({ type: 'warning', warning }),
        running: options.works.map(({ listing: _, ...work }) => work),
      })
      const run: RunInContainer = (target, argv, either) => runInContainer(streams, target, { argv }, either)
      const compiler = liveCompile(ctx, current, { pods, run })
      const isPaused = () => options.session.control()?.isPaused() ?? false
      const pulled = pulling(
        { services: () => current().services, pods, streams, isPaused, report: report.event },
        signal,
      )
      await runSession(
        {
          pods,
          syncer: podSyncer(agents, streams, containerOf),
          run,
          compile: compiler.compile,
          reread: settings.reread,
          services: () => watchedServices(current(), pulled.isPulled),
          inputs: () => redeployInputs(settings.current(), settings.imports()),
          listings: options.works.flatMap(({ listing }) => listing ?? []),
          async redeploy(held, either) {
            await stack.stop()
            const { failed } = await changes.redeploy(held, either)
            stack.again()
            await forwards.prove()
            return failed
          },
          async rebuild(service, either) {
            const steps = await changes.rebuild(service, either)
            stack.again()
            return steps
          },
          deletePod: ({ uid, ...pod }, either) => {
            const ref = { apiVersion: 'v1', kind: 'Pod', ...pod }
            return prune({ actions: [{ do: 'delete', ref, uid }] }, { kube, signal: either, patienceMs: 0 })
          },
          watch: (watching) => watchTree({ ...watching, now: ctx.clock }),
          since: start.since,
          now: ctx.clock,
          onControl: options.session.onControl,
          report(event) {
            report.event(event)
            if (event.type === 'synced') stack.retry()
            if (event.type === 'watching') watching.resolve()
          },
        },
        signal,
      ).finally(compiler.close)
      await pulled.done
    } else {
      watching.resolve()
      await new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }))
    }
    await Promise.all([logs, locals, health, forwards.done(), presetPorts.done()])
    report.times()
    return ctx.signal.aborted ? 130 : 0
  } finally {
    left.abort()
    await locals
    agents.close()
  }
}
