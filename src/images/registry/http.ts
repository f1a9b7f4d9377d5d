import { once } from 'node:events'
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { json } from 'node:stream/consumers'
import type { RegistryCredentials } from '../../engine/image-api.ts'
import { DevkError, type DevkErrorOptions } from '../../errors.ts'
import { retried } from '../../lib/retry.ts'
import { basicAuthorization } from './login.ts'

/** A response of the registry. */
export interface RegistryAnswer {
  readonly headers: IncomingHttpHeaders
  /** The parsed JSON; undefined without a body, for example after a DELETE. */
  readonly body: unknown
}

/** Where the registry listens on loopback, and the login to it. */
export interface RegistryAddress {
  readonly port: number
  /** undefined for a registry of an older devk, which asks for none. */
  readonly login: RegistryCredentials | undefined
}

/** A request to the registry. */
interface RegistryRequest {
  readonly method?: 'GET' | 'DELETE'
  readonly headers?: Record<string, string>
}

/** Pauses (ms) before the next attempts after the connection broke. */
const pausesMs = Array<number>(30).fill(100)
/**
 * On a busy machine the proxy of the engine resets connections that it cannot pass on in time. A refused connection is
 * not among these: no registry listens.
 */
const broken = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT'])

/**
 * Sends a request to the registry, and sends it again for 3 s while the connection breaks; `path` comes after `/v2/`.
 * undefined for status 404. Does not use `fetch`, which takes 50 ms to load. Throws LOAD_FAILED when the registry does
 * not answer or answers with an error status. The API:
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#endpoints
 */
export async function askRegistry(
  address: RegistryAddress,
  path: string,
  signal: AbortSignal,
  options: RegistryRequest = {},
): Promise<RegistryAnswer | undefined> {
  const mayPass = (error: unknown) => broken.has((error as NodeJS.ErrnoException).code ?? '')
  try {
    return await retried(() => ask(address, path, options, signal), { pausesMs, mayPass, onPause: () => {}, signal })
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof DevkError) throw error
    throw failure(`does not answer on 127.0.0.1:${address.port}`, { details: [(error as Error).message], cause: error })
  }
}

async function ask(
  { port, login }: RegistryAddress,
  path: string,
  { method = 'GET', headers = {} }: RegistryRequest,
  signal: AbortSignal,
): Promise<RegistryAnswer | undefined> {
  const authorization = login === undefined ? {} : { authorization: basicAuthorization(login) }
  const all = { ...headers, ...authorization }
  const asked = request({ host: '127.0.0.1', port, path: `/v2/${path}`, method, headers: all, agent: false, signal })
  asked.end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  if (answer.statusCode === 200) return { headers: answer.headers, body: await json(answer) }
  answer.resume()
  if (answer.statusCode === 404) return undefined
  if (answer.statusCode === 202) return { headers: answer.headers, body: undefined }
  throw failure(`answered ${answer.statusCode} to /v2/${path}`)
}

function failure(what: string, options: DevkErrorOptions = {}): DevkError {
  return new DevkError('LOAD_FAILED', `The loopback registry ${what}`, options)
}
