import { readCompose } from './compose/compose.ts'
import { readDevcontainer } from './devcontainer/devcontainer.ts'
import { readDevspace } from './devspace/devspace.ts'
import type { Facts, Reader, Repository } from './facts.ts'
import { readOkteto } from './okteto/okteto.ts'
import { readProcfile } from './procfile/procfile.ts'
import { readSkaffold } from './skaffold/skaffold.ts'
import { readTilt } from './tilt/tilt.ts'

/** In the order in which they count: first those that describe development in a cluster. */
const readers: Readonly<Record<string, Reader>> = {
  skaffold: readSkaffold,
  tilt: readTilt,
  devspace: readDevspace,
  okteto: readOkteto,
  compose: readCompose,
  devcontainer: readDevcontainer,
  procfile: readProcfile,
}

/** The tools whose files devk reads. */
export const toolNames: readonly string[] = Object.keys(readers)

/** What the files of each tool say about a repository; of these tools alone, if any are named. Never throws. */
export function readFacts(repository: Repository, only: readonly string[] = []): Facts[] {
  const wanted = only.length === 0 ? toolNames : only
  return wanted.flatMap((name) => readers[name]?.(repository) ?? [])
}
