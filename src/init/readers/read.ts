import { readCompose } from './compose/compose.ts'
import { type Facts, joined, type Reader, type Repository } from './facts.ts'
import { readSkaffold } from './skaffold/skaffold.ts'
import { readTilt } from './tilt/tilt.ts'

/** In the order in which they count: first those that describe development in a cluster. */
const readers: readonly Reader[] = [readSkaffold, readTilt, readCompose]

/** What the files of other tools say about a repository. Never throws. */
export function readFacts(repository: Repository): Facts {
  return joined(readers.map((read) => read(repository)))
}
