import { delimiter, join } from 'node:path'
import { kindProvider } from '../cluster/kind.ts'
import { minikubeProvider } from '../cluster/minikube.ts'
import type { ClusterProvider } from '../cluster/provider.ts'
import type { LoadedConfig } from '../config/schema.ts'
import type { CliContext } from '../context.ts'
import type { Engine } from '../engine/api.ts'
import { endOrphans } from '../exec/orphans.ts'
import { portOwners } from '../host/port-owner.ts'
import { adoptTools, isInstalled } from '../host/tools.ts'
import { type Journal, openJournal } from '../state/journal.ts'
import { userId } from './engine.ts'
import { journalOfEngine, onItsEngine } from './its-engine.ts'
import { buildWithKit } from './kit.ts'

/** An installed cluster tool that is new enough. */
export interface ReadyProvider extends ClusterProvider {
  readonly toolVersion: string
  /** For the step's line: `kind 0.30.0`. */
  readonly note: string
}

/**
 * Makes sure that kubectl is in devk's own folder, and that the tool that creates the cluster is there or on PATH. The
 * kit builds what is missing. Returns the cluster tool; undefined for an existing cluster. Throws TOOL_MISSING when the
 * tool is too old.
 */
export async function readyTools(
  ctx: CliContext,
  engine: Engine,
  config: LoadedConfig,
  say: (line: string) => void,
): Promise<ReadyProvider | undefined> {
  const { bin } = ctx.paths
  const { provider: kind } = config.cluster
  const path = ctx.env.PATH ?? ''
  const adopted = kind === 'kind' ? (['kind', 'kubectl'] as const) : (['kubectl'] as const)
  const missing: string[] = await adoptTools(adopted, { runner: ctx.runner, bin, path, signal: ctx.signal })
  if (kind === 'minikube' && !(await isInstalled('minikube', minikubePath(ctx)))) missing.push('minikube')
  if (missing.length > 0) await buildWithKit(ctx, { only: missing }, say, ctx.signal)
  if (kind === 'existing') return undefined
  const provider = projectProvider(ctx, engine, config.name, kind)
  const toolVersion = await provider.version(ctx.signal)
  return { ...provider, toolVersion, note: `${kind} ${toolVersion}` }
}

/** The tool that creates and deletes a project's cluster. */
export function projectProvider(
  ctx: CliContext,
  engine: Engine,
  project: string,
  kind: ClusterProvider['name'],
): ClusterProvider {
  const plain = projectJournal(ctx, project)
  const journal = journalOfEngine(plain, engine)
  const orphans = (args: readonly string[]) => endOrphans(ctx.runner, process.platform, args)
  const portOwner = portOwners(ctx.runner, process.platform)
  const deps = { runner: ctx.runner, engine, project, journal, portOwner, endOrphans: orphans }
  const provider =
    kind === 'minikube'
      ? minikubeProvider({ ...deps, path: minikubePath(ctx), root: userId() === 0 })
      : kindProvider({ ...deps, binary: join(ctx.paths.bin, 'kind'), shared: sharedJournal(ctx) })
  return onItsEngine(provider, plain, engine)
}

/** The folders in which minikube is looked for. The user's own comes before the kit's. */
function minikubePath(ctx: CliContext): string {
  return [ctx.env.PATH ?? '', ctx.paths.bin].join(delimiter)
}

/** The journal of what devk created outside the cluster for a project. */
export function projectJournal(ctx: CliContext, project: string): Journal {
  return openJournal({ file: ctx.paths.project(project).journal, now: () => new Date(ctx.clock()) })
}

/** The journal of what all projects share: the Docker network of the nodes. */
export function sharedJournal(ctx: CliContext): Journal {
  const { journal, lock } = ctx.paths.shared
  return openJournal({
    file: journal,
    now: () => new Date(ctx.clock()),
    shared: { lock, pid: process.pid, signal: ctx.signal },
  })
}
