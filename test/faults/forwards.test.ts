/** Pods go under a forward with load: each request that a ready pod could take gets its answer. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect } from 'vitest'
import { podConnect } from '../../src/forward/connect.ts'
import { startForward } from '../../src/forward/forwarder.ts'
import { trackPods } from '../../src/loop/pods.ts'
import { serviceForwards } from '../../src/up/live/forwards.ts'
import { watchReadiness } from './oracle/pods.ts'
import { campaign } from './support/campaign.ts'
import { type LiveCluster, liveCluster } from './support/live/cluster.ts'
import { deleteAll, deletePod, killContainer, rollOut } from './support/live/disturb.ts'
import { answered, type Sent, startLoad } from './support/live/load.ts'
import { removeService, startService } from './support/live/service.ts'
import { randomOf } from './support/random.ts'

let live: LiveCluster
/** How long after a pod became ready the first good answer came (ms), for each time when no pod was ready. */
const firstAnswers: number[] = []
const requests = { all: 0, broken: 0 }
const clients = 4
/** devk learns from the API server that a pod is being deleted, as this test does (ms). */
const newsMs = 1000

beforeAll(async () => {
  live = await liveCluster()
})
afterAll(() => {
  live?.close()
  const sorted = firstAnswers.sort((a, b) => a - b).map(Math.round)
  const [median, most] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)]
  console.log(
    `${requests.all} requests; ${requests.broken} were taken by a container that then ended. ${sorted.length} times`,
  )
  console.log(
    `no pod was ready: the first good answer came ${median} ms (median), ${most} ms (most) after the next was`,
  )
})

campaign({
  name: 'forwards',
  short: 3,
  long: 100,
  concurrent: true,
  async run(random, id) {
    const project = `${id}-f`
    const replicas = random.int(1, 3)
    const container = {
      command: ['httpd', '-f', '-p', '8080', '-h', '/app'],
      readinessProbe: { httpGet: { path: '/kept', port: 8080 }, periodSeconds: 1 },
    }
    await startService(live, { project, replicas, container, grace: random.pick([0, 0, 2]) })
    const end = new AbortController()
    let accepted = 0
    const onAccepted = () => {
      accepted += 1
    }
    const { url, done } = await openForward(project, end.signal, onAccepted)
    // The first request waits for devk's agent on the node.
    await answered(url)
    accepted = 0
    const load = startLoad(url, clients)
    /** When pods were deleted and containers killed, which breaks the requests that they have taken. */
    const ends: { from: number; until: number }[] = []
    /** When a pod became ready after none was. */
    const begun: number[] = []
    let readyOnce = false
    const onReady = (isReady: boolean) => {
      if (isReady && readyOnce) begun.push(performance.now())
      readyOnce = true
    }
    const onLeaving = () => ends.push({ from: performance.now(), until: performance.now() + newsMs })
    const watching = watchReadiness(live.server, project, { onReady, onLeaving }, end.signal)
    try {
      for (let left = random.int(1, 3); left > 0; left -= 1) {
        await sleep(random.int(200, 1200))
        const act = random.pick([deletePod, deleteAll, killContainer, rollOut])
        const from = performance.now()
        await act(live, project, randomOf(random.text(8)))
        if (act === killContainer) ends.push({ from, until: performance.now() })
      }
      await sleep(random.int(500, 1500))
    } finally {
      await load.stop()
      end.abort()
      await Promise.all([done, watching])
      await removeService(live, project)
    }
    const failed = load.sent.filter(({ failure }) => failure !== undefined)
    const isBroken = (each: Sent) => ends.some(({ from, until }) => each.from <= until && each.until >= from)
    expect(failed.filter((each) => !isBroken(each)).map(({ failure }) => failure)).toEqual([])
    // Also what failed had been taken by a container: what a pod refuses goes to the next one.
    expect(accepted).toBeGreaterThanOrEqual(load.sent.length)
    expect(load.sent.length).toBeGreaterThan(clients)
    requests.all += load.sent.length
    requests.broken += failed.length
    for (const ready of begun) {
      const first = load.sent.find(({ until, failure }) => failure === undefined && until >= ready)
      if (first !== undefined) firstAnswers.push(first.until - ready)
    }
  },
})

async function openForward(
  project: string,
  signal: AbortSignal,
  onAccepted: () => void,
): Promise<{ url: string; done: Promise<void> }> {
  const pods = trackPods(live.kube, { project, containers: {} }, signal)
  const ports = [{ name: 'backend', namespace: 'default', selector: '', local: 0, remote: 8080 }]
  const [planned] = serviceForwards(ports, [], { pods, containerOf: (node) => node })
  if (planned === undefined) throw new Error('no forward was planned')
  const connect = podConnect(live.agents, live.streams.connect)
  const forward = await startForward({
    name: project,
    localPort: 0,
    remotePort: 8080,
    target: planned.target,
    guard: planned.guard,
    async connect(...to) {
      const connection = await connect(...to)
      onAccepted()
      return connection
    },
    signal,
    now: () => performance.now(),
    portOwner: async () => undefined,
  })
  return { url: `http://127.0.0.1:${forward.localPort}/kept`, done: forward.done }
}
