import { once } from 'node:events'
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { json } from 'node:stream/consumers'
import { DevkError } from '../../errors.ts'

/** What the registry said. */
export interface RegistryAnswer {
  readonly headers: IncomingHttpHeaders
  /** What its JSON says; undefined when there is no body to read, as after a DELETE. */
  readonly body: unknown
}

/**
 * Asks the registry on this port of loopback; `path` comes after `/v2/`. undefined when it has no such thing (404). Not by `fetch`, which
 * takes 50 ms to load on each `up`. Throws LOAD_FAILED when nothing answers, or with a status that stands for an error.
 * The API: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#endpoints
 */
export async function askRegistry(
  port: number,
  path: string,
  signal: AbortSignal,
  { method = 'GET', headers = {} }: { method?: 'GET' | 'DELETE'; headers?: Record<string, string> } = {},
): Promise<RegistryAnswer | undefined> {
  try {
    const asked = request({ host: '127.0.0.1', port, path: `/v2/${path}`, method, headers, agent: false, signal })
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
