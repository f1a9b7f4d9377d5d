import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DevkError } from '../errors.ts'

/** Variables of the environment. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Where the engine listens, by the rules of the docker program. */
export type EngineEndpoint =
  | { readonly kind: 'socket'; readonly host: string; readonly path: string }
  | {
      readonly kind: 'tcp'
      readonly host: string
      readonly hostname: string
      readonly port: number
      /** Folder of ca.pem, cert.pem and key.pem. */
      readonly certificates: string | undefined
    }
  | {
      readonly kind: 'ssh'
      readonly host: string
      readonly hostname: string
      readonly port: number
      readonly user: string | undefined
    }

/** Where the engine of this machine listens by default. */
export const defaultSocket = '/var/run/docker.sock'

/**
 * DOCKER_HOST, or the host of the current docker context, or the default socket. `host` has the form of DOCKER_HOST.
 * Throws ENGINE_UNAVAILABLE when the address is not valid.
 */
export async function findEndpoint(env: Environment): Promise<EngineEndpoint> {
  const fromEnvironment = env.DOCKER_HOST
  if (fromEnvironment) return parseEndpoint(fromEnvironment, env)
  return parseEndpoint((await contextHost(env)) ?? defaultSocket, env)
}

/** Reads one address in the form of DOCKER_HOST. Throws ENGINE_UNAVAILABLE for any other form. */
export function parseEndpoint(host: string, env: Environment): EngineEndpoint {
  if (host.startsWith('/')) return { kind: 'socket', host: `unix://${host}`, path: host }
  const scheme = /^([a-z]+):\/\/(.+)$/.exec(host)
  const rest = scheme?.[2] ?? ''
  if (scheme?.[1] === 'unix' || scheme?.[1] === 'npipe') return { kind: 'socket', host, path: rest }
  const url = URL.parse(host)
  if (url !== null && (scheme?.[1] === 'tcp' || scheme?.[1] === 'http' || scheme?.[1] === 'https')) {
    const secure = scheme[1] === 'https' || Boolean(env.DOCKER_TLS_VERIFY)
    const certificates = secure ? (env.DOCKER_CERT_PATH ?? join(env.HOME ?? '', '.docker')) : undefined
    const port = Number(url.port) || (secure ? 2376 : 2375)
    return { kind: 'tcp', host, hostname: url.hostname, port, certificates }
  }
  if (url !== null && scheme?.[1] === 'ssh') {
    return { kind: 'ssh', host, hostname: url.hostname, port: Number(url.port) || 22, user: url.username || undefined }
  }
  throw new DevkError('ENGINE_UNAVAILABLE', `DOCKER_HOST is not a valid address: "${host}"`, {
    hint: 'Write it as unix:///path, tcp://host:port or ssh://user@host.',
  })
}

/** The docker program stores contexts by the SHA-256 of their name. Colima and Docker Desktop use contexts. */
async function contextHost(env: Environment): Promise<string | undefined> {
  const folder = env.DOCKER_CONFIG ?? join(env.HOME ?? '', '.docker')
  const name = env.DOCKER_CONTEXT ?? (await readJson(join(folder, 'config.json')))?.currentContext
  if (typeof name !== 'string' || name === '' || name === 'default') return undefined
  const id = createHash('sha256').update(name).digest('hex')
  const meta = (await readJson(join(folder, 'contexts', 'meta', id, 'meta.json'))) as
    | { Endpoints?: { docker?: { Host?: string } } }
    | undefined
  return meta?.Endpoints?.docker?.Host || undefined
}

async function readJson(file: string): Promise<Record<string, unknown> | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
  } catch {
    return undefined // As for docker, no context is selected when the file is missing or damaged.
  }
}
