/** A process of a container. */
interface Process {
  readonly pid: number
  readonly parent: number
}

/**
 * Of these processes, one that has started none of the others, directly or not. Of several the one with the lowest
 * process ID. `all`: every process that is known. Pure.
 */
export function innermost<Each extends Process>(among: readonly Each[], all: readonly Process[]): Each | undefined {
  const parents = new Map(all.map(({ pid, parent }) => [pid, parent]))
  const leaves = among.filter((each) => !among.some((other) => descends(other, each, parents)))
  return [...leaves].sort((a, b) => a.pid - b.pid)[0]
}

function descends(process: Process, from: Process, parents: ReadonlyMap<number, number>): boolean {
  const seen = new Set<number>()
  for (let at = parents.get(process.pid); at !== undefined && !seen.has(at); at = parents.get(at)) {
    if (at === from.pid) return true
    seen.add(at)
  }
  return false
}
