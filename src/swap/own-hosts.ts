import type { Runner } from '../exec/runner.ts'

/** Mounts the first argument over /etc/hosts, and becomes the rest. */
const mountHosts = 'mount --bind -- "$1" /etc/hosts && shift && exec "$@"'

/**
 * The command that runs another one with a file of its own in place of /etc/hosts. It needs no root: the mount is in a
 * namespace of the program, which keeps its user and its process ID. Pure.
 */
export function withHosts(
  file: string,
  argv: readonly string[],
  { uid, gid }: { readonly uid: number; readonly gid: number },
): string[] {
  const outer = ['unshare', '--user', '--map-root-user', '--mount', '--propagation', 'private', '--']
  const inner = ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`, '--']
  return [...outer, 'sh', '-c', mountHosts, 'sh', file, ...inner, ...argv]
}

/** Whether this system lets its users have such a mount. Some distributions do not. */
export async function mayHaveHosts(
  runner: Pick<Runner, 'run'>,
  file: string,
  ids: { readonly uid: number; readonly gid: number },
  signal: AbortSignal,
): Promise<boolean> {
  const [program = '', ...args] = withHosts(file, ['cmp', '-s', '--', file, '/etc/hosts'], ids)
  const { exitCode } = await runner.run(program, args, { signal, timeoutMs: 5000 })
  return exitCode === 0
}
