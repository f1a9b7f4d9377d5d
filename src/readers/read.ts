import { readCompose } from './compose/compose.ts'
import { readDevspace } from './devspace/devspace.ts'
import type { Facts, Reader, Repository } from './facts.ts'
import { readOkteto } from './okteto/okteto.ts'
import { readSkaffold } from './skaffold/skaffold.ts'
import { readTilt } from './tilt/tilt.ts'

/** In the order in which they count: first those that describe development in a cluster. */
const readers: readonly Reader[] = [readSkaffold, readTilt, readDevspace, readOkteto, readCompose]

/** What the files of each tool say about a repository. Never throws. */
export function readFacts(repository: Repository): Facts[] {
  return readers.map((read) => read(repository))
}
