import { readFile } from 'node:fs/promises'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { join } from 'node:path'
import { inspect } from 'node:util'
import type Docker from 'dockerode'
import { DevkError } from '../errors.ts'
import { messageOf } from '../lib/text.ts'
import { answered, NoAnswer, type Patience } from './answered.ts'
import { type EngineEndpoint, type Environment, findEndpoint } from './endpoint.ts'

export type { Docker }

/** A client of the engine's API, loaded and connected on first use. */
export interface Client {
  /**
   * Calls the engine. Throws ENGINE_UNAVAILABLE when the connection fails or the engine does not answer, and the
   * signal's reason when aborted.
   */
  call<T>(signal: AbortSignal, use: (docker: Docker) => Promise<T>): Promise<T>
  /** Like `call`, but returns undefined for status 404. */
  find<T>(signal: AbortSignal, use: (docker: Docker) => Promise<T>): Promise<T | undefined>
  /** The engine's address in the form of DOCKER_HOST, for other programs. */
  host(): Promise<string>
}

/**
 * A client for the engine that `env` (DOCKER_HOST, DOCKER_CONTEXT, HOME) points to. Nothing is loaded until the first
 * call.
 */
export function engineClient(env: Environment, patience: Patience = { quietMs: 4000, pingMs: 10_000 }): Client {
  let finding: Promise<EngineEndpoint> | undefined
  const find = () => {
    finding ??= findEndpoint(env)
    return finding
  }
  let opening: Promise<Opened> | undefined
  const open = async (): Promise<Opened> => {
    const endpoint = await find()
    // dockerode 5 brings grpc-js and protobufjs, which take 160 ms to load: commands that need no engine must not load
    // them.
    const { default: Dockerode } = await import('dockerode')
    const options = await connection(endpoint)
    return { docker: new Dockerode(options), endpoint, drop: () => options.agent?.destroy() }
  }
  const call = async <T>(signal: AbortSignal, use: (docker: Docker) => Promise<T>): Promise<T> => {
    signal.throwIfAborted()
    opening ??= open()
    const { docker, endpoint, drop } = await opening
    try {
      return await answered(use(docker), (deadline) => ping(docker, deadline), patience)
    } catch (error) {
      // Connections without an answer would keep devk running.
      if (error instanceof NoAnswer) drop()
      signal.throwIfAborted()
      throw unavailable(error, endpoint) ?? error
    }
  }
  return {
    call,
    host: async () => (await find()).host,
    async find(signal, use) {
      try {
        return await call(signal, use)
      } catch (error) {
        if (statusOf(error) === 404) return undefined
        throw error
      }
    },
  }
}

/** A client of dockerode, and how to end its connections. */
interface Opened {
  readonly docker: Docker
  readonly endpoint: EngineEndpoint
  drop(): void
}

/** @types/dockerode 4.0.2 does not know that `ping` takes options. */
function ping(docker: Docker, abortSignal: AbortSignal): Promise<unknown> {
  return (docker as unknown as { ping(options: object): Promise<unknown> }).ping({ abortSignal })
}

/** HTTP status of an error of the engine's API; undefined for any other error. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown } | null)?.statusCode
  return typeof status === 'number' ? status : undefined
}

/** The engine's message, without the prefix of dockerode: "(HTTP code 404) no such image - ". */
export function reasonOf(error: unknown): string {
  const words = (error as { json?: { message?: unknown } } | null)?.json?.message
  if (typeof words === 'string') return words.trim()
  const message = messageOf(error)
  return message.replace(/^\(HTTP code \d+\) .*? - /s, '').trim()
}

/**
 * The engine closes connections after a build or a hijacked stream; one kept for reuse would fail the next call with
 * ECONNRESET.
 */
const oneUse = { keepAlive: false }

/**
 * docker-modem 5 formats all options of each request for debug output, even when that is off. Formatting the agent took
 * 10 ms each time.
 */
const terse = { [inspect.custom]: () => 'Agent' }
const plainAgent = () => Object.assign(new HttpAgent(oneUse), terse)

// @types/dockerode 4.0.2 does not know `agent`, which docker-modem takes.
async function connection(
  endpoint: EngineEndpoint,
): Promise<Docker.DockerOptions & { agent?: HttpAgent | HttpsAgent }> {
  if (endpoint.kind === 'socket') return { socketPath: endpoint.path, agent: plainAgent() }
  const { hostname: host, port } = endpoint
  if (endpoint.kind === 'ssh') {
    return { protocol: 'ssh', host, port, ...(endpoint.user === undefined ? {} : { username: endpoint.user }) }
  }
  const folder = endpoint.certificates
  if (folder === undefined) return { protocol: 'http', host, port, agent: plainAgent() }
  const [ca, cert, key] = await Promise.all(
    ['ca.pem', 'cert.pem', 'key.pem'].map((name) => readFile(join(folder, name))),
  )
  return {
    protocol: 'https',
    host,
    port,
    agent: Object.assign(new HttpsAgent(oneUse), terse),
    ...(ca ? { ca } : {}),
    ...(cert ? { cert } : {}),
    ...(key ? { key } : {}),
  }
}

const unreachable = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ETIMEDOUT',
  'EPIPE',
])

/**
 * ENGINE_UNAVAILABLE for a failed connection, with its reason: not running, no permission, unreachable, or without an
 * answer. undefined for other errors.
 */
export function unavailable(error: unknown, endpoint: EngineEndpoint): DevkError | undefined {
  if (error instanceof NoAnswer) {
    return new DevkError(
      'ENGINE_UNAVAILABLE',
      `The Docker engine at ${endpoint.host} does not answer: ${error.message}`,
      {
        cause: error,
        hint: 'It may be paused, restarting or out of memory. Restart it when docker version gives no answer either.',
      },
    )
  }
  const code = (error as NodeJS.ErrnoException | null)?.code
  if (code === undefined || statusOf(error) !== undefined) return undefined
  if (code === 'EACCES' || code === 'EPERM') {
    return new DevkError('ENGINE_UNAVAILABLE', `No permission to use the Docker engine at ${endpoint.host}`, {
      cause: error,
      hint: 'Add your user to the group of the socket (sudo usermod -aG docker $USER), log in again, then retry.',
    })
  }
  if (!unreachable.has(code)) return undefined
  if (endpoint.kind === 'socket') {
    return new DevkError(
      'ENGINE_UNAVAILABLE',
      `The Docker engine is not running: nothing listens at ${endpoint.host}`,
      {
        cause: error,
        hint: 'Start it (Docker Desktop, Colima, or sudo systemctl start docker), then retry.',
      },
    )
  }
  return new DevkError('ENGINE_UNAVAILABLE', `The Docker engine at ${endpoint.host} cannot be reached (${code})`, {
    cause: error,
    hint: 'Start that engine, or unset DOCKER_HOST (or the docker context) that points to it, to use the local one.',
  })
}
