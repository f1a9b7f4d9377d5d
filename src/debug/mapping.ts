/** A folder of this machine, relative to the folder of the configuration, and the same folder in the container. */
export interface PathMapping {
  readonly local: string
  readonly remote: string
}

/**
 * The path mappings that follow from sync rules. `web/src` in `/app/src` says that `web` is `/app`. Folders inside
 * others of the list are left out. Pure.
 */
export function mappingsOf(rules: readonly { readonly from: string; readonly to: string }[]): PathMapping[] {
  const all = rules.map(({ from, to }) => {
    const [local, remote] = [partsOf(from), partsOf(to)]
    while (local.length > 1 && remote.length > 1 && local.at(-1) === remote.at(-1)) {
      local.pop()
      remote.pop()
    }
    return { local: local.join('/') || '.', remote: `/${remote.join('/')}` }
  })
  return all.filter((one, place) => !all.some((other, at) => covers(other, one) && (at < place || !covers(one, other))))
}

function covers(outer: PathMapping, inner: PathMapping): boolean {
  const rest = (path: string, base: string) => (`${path}/`.startsWith(`${base}/`) ? path.slice(base.length) : undefined)
  const [local, remote] = [rest(inner.local, outer.local), rest(inner.remote, outer.remote)]
  return local !== undefined && local === remote
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.')
}

/**
 * The mapping for a program whose compiler saw the file `main`: the folder `context` of this machine has it below the
 * longest end of its path that exists there. Empty if none does. A path without a slash at its begin is that of a
 * module (`-trimpath`).
 */
export async function sourceMapping(
  main: string,
  context: string,
  exists: (path: string) => Promise<boolean>,
): Promise<PathMapping[]> {
  const parts = main.split('/')
  for (let at = 1; at < parts.length; at += 1) {
    const end = parts.slice(at).join('/')
    const remote = parts.slice(0, at).join('/')
    if (await exists(context === '.' ? end : `${context}/${end}`)) return [{ local: context, remote: remote || '/' }]
  }
  return []
}
