import { isTaken } from '../../cluster/host-ports.ts'
import { portPair } from '../../config/ports.ts'
import type { LoadedConfig } from '../../config/schema.ts'
import type { CliContext } from '../../context.ts'
import { toolchainEnvironment } from '../../exec/environment.ts'
import { ownerText, portOwners } from '../../host/port-owner.ts'
import { messageOf } from '../../lib/text.ts'
import { keepRunning, type LocalProgram } from '../../local/keep-running.ts'
import type { SessionEvent } from '../../loop/events.ts'
import type { PodTracker } from '../../loop/pods.ts'
import type { LocalLine } from '../../session/state.ts'
import { externalForward } from '../../stack/desired/externals.ts'
import { logFormatter } from '../../terminal/log-lines.ts'
import { writeText } from '../../terminal/output.ts'
import { fileClock } from '../../watch/file-clock.ts'
import { watchTree } from '../../watch/watch-tree.ts'
import { localUrls } from '../summary-text.ts'
import type { FromPods } from './from-pods.ts'

/** What the programs of this machine run beside. */
export interface LiveLocalsOptions {
  /** Limited to what was asked for. The user has agreed to its commands. */
  readonly config: LoadedConfig
  readonly pods: Pick<PodTracker, 'newestReady' | 'subscribe'>
  /** False with --no-watch: nothing is started again. */
  readonly watch: boolean
  /** Whether lines of logs are shown. */
  shown(): boolean
  report(event: SessionEvent): void
  /** Takes each of their lines, also those that are not shown. */
  line(line: LocalLine): void
  /** Lets pods reach the programs that run. */
  readonly fromPods: FromPods
}

/** Runs the programs of `locals` until the signal, then ends them. Resolves when nothing of them is left. */
export async function liveLocals(ctx: CliContext, options: LiveLocalsOptions, signal: AbortSignal): Promise<void> {
  const { config, pods, report, fromPods } = options
  const units = [...Object.keys(config.services), ...Object.keys(config.locals)]
  const format = logFormatter({ color: ctx.color, json: ctx.json, services: units })
  const portOwner = portOwners(ctx.runner, process.platform)
  const kept = localPrograms(config, toolchainEnvironment(ctx.env)).map((program) => {
    const { name: service, needs: dependsOn } = program
    const about = { type: 'local', service, dependsOn, urls: localUrls(program.ports) } as const
    return keepRunning(
      program,
      {
        runner: ctx.runner,
        now: fileClock,
        ready: (name) => pods.newestReady(name) !== undefined,
        subscribe: (onChange) => pods.subscribe(onChange),
        async taken(port) {
          if (!(await isTaken(port))) return undefined
          const owner = await portOwner(port)
          return `port ${port} is taken by ${owner === undefined ? 'another program' : ownerText(owner)}`
        },
        watch: options.watch
          ? (watching) =>
              watchTree({
                ...watching,
                now: ctx.clock,
                onWarning: (warning) => report({ type: 'warning', warning }),
              }).catch((error: unknown) => {
                const message = `The files of ${service} cannot be watched: ${String(error)}`
                report({ type: 'warning', warning: { message, hint: `devk does not start ${service} again.` } })
              })
          : undefined,
        async onLine(text) {
          const line = { service, time: new Date(ctx.clock()).toISOString(), text }
          options.line(line)
          if (options.shown()) await writeText(ctx.stdout, format(line))
        },
        onChange(change) {
          report({ ...about, ...change })
          if (change.state === 'running') fromPods.open(service, program.ports)
          else fromPods.close(service)
        },
      },
      signal,
    ).catch((error: unknown) => report({ ...about, state: 'failed', reason: messageOf(error), output: '' }))
  })
  await Promise.all(kept)
}

/** The programs with their whole environment. Pure. */
export function localPrograms(config: LoadedConfig, env: Readonly<Record<string, string>>): LocalProgram[] {
  const found = localVariables(config)
  return Object.entries(config.locals).map(([name, { command, cwd, ports, watch, dependsOn, env: own }]) => ({
    name,
    argv: command,
    cwd,
    env: { ...env, ...found, ...own },
    ports,
    watch,
    needs: dependsOn,
  }))
}

/**
 * What programs of this machine get besides their own variables: where forwards lead to services and externals, as
 * Kubernetes tells containers for a Service. Pure.
 */
export function localVariables({
  services,
  externals,
}: Pick<LoadedConfig, 'services' | 'externals'>): Record<string, string> {
  const forwards = [
    ...Object.entries(services).map(
      ([
        name,
        {
          ports: [first],
        },
      ]) => ({
        name,
        pair: first === undefined ? undefined : portPair(first),
      }),
    ),
    ...Object.entries(externals).map(([name, external]) => ({ name, pair: externalForward(external) })),
  ]
  return Object.fromEntries(
    forwards.flatMap(({ name, pair }) => {
      if (pair === undefined) return []
      const prefix = name.toUpperCase().replaceAll('-', '_')
      return [
        [`${prefix}_SERVICE_HOST`, '127.0.0.1'],
        [`${prefix}_SERVICE_PORT`, String(pair.local)],
      ]
    }),
  )
}
