import { join } from 'node:path'
import { kindProvider } from '../../../src/cluster/kind.ts'
import type { ClusterProvider } from '../../../src/cluster/provider.ts'
import { dockerEngine } from '../../../src/engine/engine.ts'
import { endOrphans } from '../../../src/exec/orphans.ts'
import { execaRunner } from '../../../src/exec/runner.ts'
import { portOwners } from '../../../src/host/port-owner.ts'
import { type Journal, openJournal } from '../../../src/state/journal.ts'
import { findKind } from './tools.ts'

/**
 * devk's provider of kind clusters for a project, with the real tool and engine, and the journal that it writes.
 * The journals lie in `folder`, so that the user's own are not touched; `file` names the project's.
 */
export async function realKind(
  project: string,
  folder: string,
  file = `${project}.json`,
): Promise<{ kind: ClusterProvider; journal: Journal }> {
  const open = (leaf: string) => openJournal({ file: join(folder, leaf), now: () => new Date() })
  const runner = execaRunner(process.env)
  const journal = open(file)
  const kind = kindProvider({
    runner,
    binary: await findKind(),
    engine: dockerEngine(process.env),
    project,
    journal,
    shared: open('shared.json'),
    portOwner: portOwners(runner, process.platform),
    endOrphans: (args) => endOrphans(runner, process.platform, args),
  })
  return { kind, journal }
}
