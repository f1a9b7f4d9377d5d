import { once } from 'node:events'
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { json } from 'node:stream/consumers'
import type { RegistryCredentials } from '../../engine/image-api.ts'
import { DevkError } from '../../errors.ts'
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

/**
 * Sends a request to the registry; `path` comes after `/v2/`. undefined for status 404. Does
 * not use `fetch`, which takes 50 ms to load. Throws LOAD_FAILED when the registry does not answer or answers with an
 * error status. The API: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#endpoints
 */
export async function askRegistry(
  { port, login }: RegistryAddress,
  path: string,
  signal: AbortSignal,
  { method = 'GET', headers = {} }: { method?: 'GET' | 'DELETE'; headers?: Record<string, string> } = {},
): Promise<RegistryAnswer | undefined> {
  try {
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
  } catch (error) {
    signal.throwIfAborted()
    throw error instanceof DevkError ? error : failure(`does not answer on 127.0.0.1:${port}`, error)
  }
}

function failure(what: string, cause?: unknown): DevkError {
  return new DevkError('LOAD_FAILED', `The loopback registry ${what}`, { cause })
}
