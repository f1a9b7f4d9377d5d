import { get } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

/** A request that was sent through a forward; times are monotonic (ms). */
export interface Sent {
  readonly from: number
  readonly until: number
  /** Why it failed; undefined for a good answer. */
  readonly failure: string | undefined
}

/** A forward holds a connection for 30 s while no pod is ready. */
const timeout = 40_000

/** Sends one request over a connection of its own. Rejects when there is no good answer. */
export function answered(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, timeout }, (answer) => {
      text(answer).then(
        () => (answer.statusCode === 200 ? resolve() : reject(new Error(`${answer.statusCode}`))),
        reject,
      )
    })
    request.on('timeout', () => request.destroy(new Error(`no answer in ${timeout} ms`)))
    request.on('error', reject)
  })
}

/** Sends requests from several clients, each over connections of its own, until `stop`. */
export function startLoad(url: string, clients: number): { readonly sent: readonly Sent[]; stop(): Promise<void> } {
  const sent: Sent[] = []
  let isRunning = true
  const client = async () => {
    while (isRunning) {
      const from = performance.now()
      const failure = await answered(url).then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      )
      sent.push({ from, until: performance.now(), failure })
      await sleep(15)
    }
  }
  const done = Promise.all(Array.from({ length: clients }, client))
  return {
    sent,
    async stop() {
      isRunning = false
      await done
    },
  }
}
