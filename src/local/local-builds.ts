import { relative } from 'node:path'
import type { Service } from '../config/schema.ts'
import type { Runner } from '../exec/runner.ts'
import { parseDuration } from '../lib/duration.ts'
import { supervisor } from '../lib/keys.ts'
import { messageOf } from '../lib/text.ts'
import type { SyncFile, SyncTarget } from '../sync/syncer.ts'
import { mismatch, type NamedProgram, wantedPaths } from './fit.ts'
import { type Outputs, outputsIn } from './outputs.ts'
import { runLocal } from './run.ts'

/** What local builds run with, and how they look into containers. */
export interface LocalBuildsDeps {
  readonly runner: Pick<Runner, 'spawn'>
  /** Environment of the command, besides that of the configuration. */
  readonly env: Readonly<Record<string, string>>
  /** Folder of the configuration: messages name paths from there. */
  readonly root: string
  /** Folder for copies of the outputs of a service. Nobody else uses it. */
  folder(service: string): string
  /** Runs a command in a container. */
  exec(
    target: SyncTarget,
    argv: readonly string[],
    signal: AbortSignal,
  ): Promise<{ readonly exitCode: number; readonly output: string }>
}

/** A service that is compiled on this machine, and the containers that get the outputs. */
export interface LocalService {
  readonly name: string
  readonly build: NonNullable<Service['build']>
  readonly targets: readonly SyncTarget[]
  /** Outputs that did not change are sent as well. */
  readonly all: boolean
}

/** What a local build made, or why nothing of it is sent. */
export interface LocalOutcome {
  readonly problem: string | undefined
  readonly output: string
  /** The outputs that changed. */
  readonly files: readonly SyncFile[]
}

/** Compiles services on this machine. */
export interface LocalBuilds {
  /** Throws the reason of the signal. A command that fails is a result. */
  compile(service: LocalService, signal: AbortSignal): Promise<LocalOutcome>
}

/** Creates the local builds of a stack. */
export function localBuilds(deps: LocalBuildsDeps): LocalBuilds {
  const stores = new Map<string, Outputs>()
  /** Containers in which programs of a kind run, as far as devk can see. */
  const fitting = new Set<string>()

  const check = async (programs: readonly NamedProgram[], { build, targets }: LocalService, signal: AbortSignal) => {
    if (programs.length === 0) return undefined
    const kind = JSON.stringify(programs.map(({ os, arch, interpreter }) => [os, arch, interpreter]))
    const platform = build.platform?.split('/')[1]
    // The containers of a service have one image.
    for (const target of targets.slice(0, 1)) {
      if (fitting.has(`${target.containerId} ${kind}`)) return undefined
      const argv = [supervisor.program, 'look', ...wantedPaths(programs)]
      const looked = await deps.exec(target, argv, signal).catch(() => undefined)
      signal.throwIfAborted()
      if (looked?.exitCode !== 0) return undefined
      const [arch = '', ...paths] = looked.output.split('\n')
      const problem = mismatch(programs, { arch, paths: new Set(paths) }, platform)
      if (problem !== undefined) return problem
      fitting.add(`${target.containerId} ${kind}`)
    }
    return undefined
  }

  return {
    async compile(service, signal) {
      const { name, build } = service
      const { local, context } = build
      if (local === undefined) return { problem: 'has no local build any more', output: '', files: [] }
      const ran = await runLocal(
        deps.runner,
        {
          argv: local.command,
          cwd: context,
          env: { ...deps.env, ...local.env },
          timeoutMs: parseDuration(local.timeout) ?? 0,
        },
        signal,
      )
      const refused = (problem: string) => ({ problem, output: ran.output, files: [] })
      if (ran.problem !== undefined) return refused(ran.problem)
      const store = stores.get(name) ?? outputsIn(deps.folder(name))
      stores.set(name, store)
      try {
        const outputs = local.outputs.map((each) => ({ ...each, name: relative(deps.root, each.from) }))
        const made = await store.collect(outputs, service.all)
        signal.throwIfAborted()
        if (made.missing.length > 0) return refused(`succeeded, but there is no ${made.missing.join(', ')}`)
        const problem = await check(made.programs, service, signal)
        if (problem !== undefined) return refused(`made what cannot run there: ${problem}`)
        await made.accept()
        return { problem: undefined, output: ran.output, files: made.files }
      } catch (error) {
        signal.throwIfAborted()
        return refused(`succeeded, but its outputs cannot be read: ${messageOf(error)}`)
      }
    },
  }
}
