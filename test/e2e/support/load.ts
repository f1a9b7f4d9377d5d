import { request } from 'node:http'

export interface LoadResult {
  readonly requests: number
  /** What went wrong, in words; a request counts as failed when it gets no 2xx answer. */
  readonly failures: readonly string[]
  /** How often each body came. */
  readonly bodies: ReadonlyMap<string, number>
}

/** Sends requests from `clients` at once, each over a new connection and with these headers, until `stop`. */
export function load(
  url: string,
  clients: number,
  headers: Readonly<Record<string, string>> = {},
): { stop(): Promise<LoadResult> } {
  const failures: string[] = []
  const bodies = new Map<string, number>()
  let requests = 0
  let running = true
  const client = async () => {
    while (running) {
      requests += 1
      try {
        const body = await once(url, headers)
        bodies.set(body, (bodies.get(body) ?? 0) + 1)
      } catch (error) {
        failures.push(`request ${requests}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
  }
  const done = Promise.all(Array.from({ length: clients }, client))
  return {
    async stop() {
      running = false
      await done
      return { requests, failures, bodies }
    },
  }
}

/** Sends requests from four clients while `act` runs. Throws when one of them failed, or when there were too few to tell. */
export async function underLoad<T>(url: string, act: () => Promise<T>): Promise<{ done: T; seen: LoadResult }> {
  const clients = load(url, 4)
  const done = await act().catch(async (error: unknown) => {
    await clients.stop()
    throw error
  })
  const seen = await clients.stop()
  const { requests, failures } = seen
  if (failures.length > 0)
    throw new Error(`${failures.length} of ${requests} failed: ${failures.slice(0, 20).join('; ')}`)
  if (requests <= 50) throw new Error(`only ${requests} requests were sent`)
  return { done, seen }
}

/** One request over a connection of its own. Throws when the status is not 2xx, or nothing comes for ten seconds. */
export function once(url: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false, timeout: 10_000, headers }, (answer) => {
      let body = ''
      answer.setEncoding('utf8')
      answer.on('data', (part: string) => {
        body += part
      })
      answer.on('end', () => {
        const { statusCode = 0 } = answer
        if (statusCode >= 200 && statusCode < 300) resolve(body)
        else reject(new Error(`status ${statusCode}`))
      })
      answer.on('error', reject)
    })
    sent.on('timeout', () => sent.destroy(new Error('no answer in 10 s')))
    sent.on('error', reject)
    sent.end()
  })
}
