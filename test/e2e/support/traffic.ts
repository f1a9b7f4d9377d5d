import { getText } from './http.ts'

/** What clients saw while they sent requests. */
export interface Traffic {
  readonly requests: number
  /** One message for each failed request; a request fails when its answer is not 2xx. */
  readonly failures: readonly string[]
  /** How often each body came. */
  readonly bodies: ReadonlyMap<string, number>
}

/** Starts `clients` clients that send one request after the other, each over a new connection, until `stop`. */
export function startTraffic(
  url: string,
  clients: number,
  headers: Readonly<Record<string, string>> = {},
): { stop(): Promise<Traffic> } {
  const failures: string[] = []
  const bodies = new Map<string, number>()
  let requests = 0
  let running = true
  const client = async () => {
    while (running) {
      requests += 1
      try {
        const body = await getText(url, headers)
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

/** Runs `act` while four clients send requests. Throws when a request failed, or when 50 or fewer were sent. */
export async function withTraffic<T>(url: string, act: () => Promise<T>): Promise<{ done: T; traffic: Traffic }> {
  const clients = startTraffic(url, 4)
  const done = await act().catch(async (error: unknown) => {
    await clients.stop()
    throw error
  })
  const traffic = await clients.stop()
  const { requests, failures } = traffic
  if (failures.length > 0)
    throw new Error(`${failures.length} of ${requests} failed: ${failures.slice(0, 20).join('; ')}`)
  if (requests <= 50) throw new Error(`only ${requests} requests were sent`)
  return { done, traffic }
}
