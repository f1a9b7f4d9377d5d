import { createClient } from '@redis/client'

const waiting = 'applications:waiting'
const taken = 'applications:taken'

/** The queue of applications that wait for their score. Nothing is lost with a worker: what it had taken is put back. */
export async function connectQueue(url) {
  const client = createClient({ url })
  client.on('error', (error) => console.error(`queue: ${error.message}`))
  await client.connect()
  return {
    add: (id) => client.lPush(waiting, String(id)),
    /** Takes the oldest, or undefined when none comes within a second. */
    take: async () => (await client.blMove(waiting, taken, 'RIGHT', 'LEFT', 1)) ?? undefined,
    done: (id) => client.lRem(taken, 1, id),
    /** Puts back what a worker before this one took and did not finish. */
    recover: async () => {
      while ((await client.lMove(taken, waiting, 'LEFT', 'RIGHT')) !== null);
    },
    close: () => client.close(),
  }
}
