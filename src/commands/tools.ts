import { join } from 'node:path'
import type { CliContext } from '../cli/context.ts'
import { kindProvider } from '../cluster/kind.ts'
import { compareVersions } from '../cluster/node-image.ts'
import type { ClusterProvider } from '../cluster/provider.ts'
import { endOrphans } from '../exec/orphans.ts'
import { adoptTools } from '../host/tools.ts'
import type { Engine } from '../images/engine-api.ts'
import { portOwner } from '../lib/port-owner.ts'
import { type Journal, openJournal } from '../state/journal.ts'
import { statePaths } from '../state/paths.ts'
import { buildWithKit } from './kit-deps.ts'

export interface Tools {
  readonly provider: ClusterProvider
  readonly kindVersion: string
  /** Path of a real kubectl. */
  readonly kubectl: string
  /** Images that kind runs in front of several control planes. */
  readonly balancerImages: readonly string[]
}

/** Finds kind and kubectl, in devk's folder or on PATH, or has the kit build them. */
export async function readyTools(
  ctx: CliContext,
  engine: Engine,
  project: string,
  say: (line: string) => void,
): Promise<Tools> {
  const { bin } = statePaths(ctx.env)
  const missing = await adoptTools(['kind', 'kubectl'], {
    runner: ctx.runner,
    bin,
    path: ctx.env.PATH ?? '',
    signal: ctx.signal,
  })
  if (missing.length > 0) await buildWithKit(ctx, { only: missing }, say, ctx.signal)
  const provider = projectProvider(ctx, engine, project)
  const kindVersion = await provider.version(ctx.signal)
  return {
    provider,
    kindVersion,
    kubectl: join(bin, 'kubectl'),
    // What newer ones take is theirs to fetch.
    balancerImages: compareVersions(kindVersion, '0.31.0') < 0 ? ['kindest/haproxy:v20230606-42a2262b'] : [],
  }
}

/** The tool that makes and removes a project's cluster. */
export function projectProvider(ctx: CliContext, engine: Engine, project: string): ClusterProvider {
  const paths = statePaths(ctx.env)
  return kindProvider({
    endOrphans: (args) => endOrphans(ctx.runner, process.platform, args),
    runner: ctx.runner,
    binary: join(paths.bin, 'kind'),
    engine,
    project,
    journal: projectJournal(ctx, project),
    shared: sharedJournal(ctx),
    portOwner,
  })
}

/** What a project made outside its cluster. */
export function projectJournal(ctx: CliContext, project: string): Journal {
  return openJournal({ file: statePaths(ctx.env).project(project).journal, now: () => new Date(ctx.clock()) })
}

/** What all projects share: the network of the nodes. */
export function sharedJournal(ctx: CliContext): Journal {
  const { journal, lock } = statePaths(ctx.env).shared
  return openJournal({
    file: journal,
    now: () => new Date(ctx.clock()),
    shared: { lock, pid: process.pid, signal: ctx.signal },
  })
}
