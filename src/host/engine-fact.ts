import { readFile, stat } from 'node:fs/promises'
import { defaultSocket, findEndpoint } from '../engine/endpoint.ts'
import type { EngineInfo } from '../engine/image-api.ts'
import type { Runner } from '../exec/runner.ts'
import { inRange } from '../lib/version.ts'
import type { EngineFact } from './facts.ts'
import { groupName } from './proc.ts'

/** The oldest engine whose `--privileged` gives only the capabilities root itself has, which nodes on restricted hosts need. */
export const oldestEngine = 23

/**
 * Asks the engine; `ask` fails with an error whose cause has a system error code when nothing answers. Only an engine that would
 * listen on this machine's own socket counts as silent, and may be started.
 */
export async function engineFact(
  ask: () => Promise<EngineInfo>,
  deps: {
    readonly runner: Runner
    readonly env: Readonly<Record<string, string | undefined>>
    readonly signal: AbortSignal
  },
): Promise<EngineFact> {
  try {
    return { state: 'running', ...(await ask()) }
  } catch (error) {
    deps.signal.throwIfAborted()
    const { code, address } = systemErrorOf(error) ?? {}
    if (code === 'EACCES' || code === 'EPERM') {
      return { state: 'denied', socket: address ?? defaultSocket, group: await groupOf(address ?? defaultSocket) }
    }
    if ((code === 'ENOENT' || code === 'ECONNREFUSED') && (await isLocal(deps.env))) {
      return { state: 'silent', installed: await installedEngine(deps.runner, deps.signal) }
    }
    return { state: 'remote', reason: error instanceof Error ? error.message : String(error) }
  }
}

/** Whether DOCKER_HOST and the docker context in use lead to the socket of this machine's own engine. */
async function isLocal(env: Readonly<Record<string, string | undefined>>): Promise<boolean> {
  const endpoint = await findEndpoint(env)
  return endpoint.kind === 'socket' && endpoint.path === defaultSocket
}

/** Version of the dockerd on PATH; undefined when there is none. */
export async function installedEngine(runner: Runner, signal: AbortSignal): Promise<string | undefined> {
  const { exitCode, stdout } = await runner.run('dockerd', ['--version'], { signal, timeoutMs: 10_000 })
  return exitCode === 0 ? /version (\d+\.\d+(\.\d+)?)/.exec(stdout)?.[1] : undefined
}

/** Whether this version is one devk works with. */
export function newEnough(version: string): boolean {
  return inRange(version, `>=${oldestEngine}`)
}

/** The system error that an error is, or was caused by; that of a connection tells the address too. */
function systemErrorOf(error: unknown): (NodeJS.ErrnoException & { readonly address?: string }) | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    const { code, syscall } = each as NodeJS.ErrnoException
    if (code !== undefined && syscall !== undefined) return each
  }
  return undefined
}

/** The group that may use a socket; undefined when it is root's, has no name, or cannot be asked for. */
async function groupOf(socket: string): Promise<string | undefined> {
  const gid = (await stat(socket).catch(() => undefined))?.gid ?? 0
  return gid === 0 ? undefined : groupName(await readFile('/etc/group', 'utf8').catch(() => ''), gid)
}
