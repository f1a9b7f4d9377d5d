import { readFile, stat } from 'node:fs/promises'
import { NoAnswer } from '../engine/answered.ts'
import { defaultSocket, findEndpoint } from '../engine/endpoint.ts'
import type { EngineInfo } from '../engine/image-api.ts'
import { knownSockets, listening } from '../engine/known-sockets.ts'
import type { Runner } from '../exec/runner.ts'
import { messageOf } from '../lib/text.ts'
import { inRange } from '../lib/version.ts'
import type { EngineFact } from './facts.ts'
import { groupName } from './proc.ts'

/**
 * The oldest engine whose `--privileged` grants only capabilities that root has, which nodes on restricted hosts need.
 */
export const oldestEngine = 23

/**
 * Asks the engine. When nothing answers, `ask` fails with an error whose cause has a system error code. Only an engine
 * that would listen on the default socket of this machine is `silent`, which means that devk may start it.
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
    const reason = messageOf(error)
    if (error instanceof Error && error.cause instanceof NoAnswer) return { state: 'stuck', reason }
    const { code, address } = systemErrorOf(error) ?? {}
    if (code === 'EACCES' || code === 'EPERM') {
      return { state: 'denied', socket: address ?? defaultSocket, group: await groupOf(address ?? defaultSocket) }
    }
    if ((code === 'ENOENT' || code === 'ECONNREFUSED') && (await isLocal(deps.env))) {
      const others = await listening(knownSockets(deps.env))
      const other = others.find(({ program }) => program !== 'Podman')
      if (other !== undefined) return { state: 'elsewhere', program: other.program, socket: other.path }
      const installed = await installedEngine(deps.runner, deps.signal)
      return { state: 'silent', installed, ...(others[0] && { podman: others[0].path }) }
    }
    return { state: 'remote', reason }
  }
}

/** Whether DOCKER_HOST and the docker context in use lead to the socket of this machine's own engine. */
async function isLocal(env: Readonly<Record<string, string | undefined>>): Promise<boolean> {
  const endpoint = await findEndpoint(env)
  return endpoint.kind === 'socket' && endpoint.path === defaultSocket
}

/** Version of the dockerd on PATH; undefined without one. */
export async function installedEngine(runner: Runner, signal: AbortSignal): Promise<string | undefined> {
  const { exitCode, stdout } = await runner.run('dockerd', ['--version'], { signal, timeoutMs: 10_000 })
  return exitCode === 0 ? /version (\d+\.\d+(\.\d+)?)/.exec(stdout)?.[1] : undefined
}

/** Whether devk works with this version of the engine. */
export function newEnough(version: string): boolean {
  return inRange(version, `>=${oldestEngine}`)
}

/** The system error that is, or caused, an error. An error of a connection has the address too. */
function systemErrorOf(error: unknown): (NodeJS.ErrnoException & { readonly address?: string }) | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    const { code, syscall } = each as NodeJS.ErrnoException
    if (code !== undefined && syscall !== undefined) return each
  }
  return undefined
}

/** The group that has access to a socket; undefined when that is root's group, has no name, or cannot be read. */
async function groupOf(socket: string): Promise<string | undefined> {
  const gid = (await stat(socket).catch(() => undefined))?.gid ?? 0
  return gid === 0 ? undefined : groupName(await readFile('/etc/group', 'utf8').catch(() => ''), gid)
}
