import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { CliContext } from '../cli/context.ts'
import { kindProvider } from '../cluster/kind.ts'
import type { ClusterProvider } from '../cluster/provider.ts'
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

/** Finds kind and kubectl, or has the kit build them. */
export async function readyTools(
  ctx: CliContext,
  engine: Engine,
  project: string,
  say: (line: string) => void,
): Promise<Tools> {
  const { bin } = statePaths(ctx.env)
  const missing: string[] = []
  for (const name of ['kind', 'kubectl']) if (!(await isThere(join(bin, name)))) missing.push(name)
  if (missing.length > 0) await buildWithKit(ctx, missing, say, ctx.signal)
  const provider = projectProvider(ctx, engine, project)
  const kindVersion = await provider.version(ctx.signal)
  return {
    provider,
    kindVersion,
    kubectl: join(bin, 'kubectl'),
    balancerImages: ['kindest/haproxy:v20230606-42a2262b'],
  }
}

/** The tool that makes and removes a project's cluster. */
export function projectProvider(ctx: CliContext, engine: Engine, project: string): ClusterProvider {
  const paths = statePaths(ctx.env)
  return kindProvider({
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

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
