/** Logs over rotations, restarts and lost connections, and for readers that stand still: each line once and in order. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect } from 'vitest'
import { followLogs } from '../../src/logs/follow.ts'
import { logFiles, rotatedAfter } from './oracle/log-files.ts'
import { campaign } from './support/campaign.ts'
import { brokenLogs } from './support/live/broken-logs.ts'
import { type LiveCluster, liveCluster } from './support/live/cluster.ts'
import { writerOf } from './support/live/writer.ts'
import type { Random } from './support/random.ts'

let live: LiveCluster

beforeAll(async () => {
  live = await liveCluster()
})
afterAll(() => live?.close())

/** What devk keeps for a reader that stands still in these runs (bytes). */
const keptSize = 500_000
const deadlineMs = 120_000

campaign({
  name: 'logs',
  short: 3,
  long: 50,
  concurrent: true,
  async run(random, id) {
    const project = `${id}-l`
    const floods = random.chance(0.4)
    const writer = writerOf(random, { project, floods })
    const limits = { size: keptSize, patienceMs: floods ? 500 : 5000 }
    const stop = new AbortController()
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(deadlineMs)])
    const query = { labels: `devk.dev/project=${project}`, earlierRuns: true, limits, signal }
    const streams = floods ? live.streams : brokenLogs(live.streams, random)
    const reading = read(followLogs({ kube: live.kube, streams }, query), writer.lines, { random, floods })
    try {
      if (random.chance(0.5)) await sleep(random.int(0, 500))
      await live.server.create('/api/v1/namespaces/default/pods', writer.pod)
      const { gaps, dropped, mostKept } = await reading.catch(async (error: unknown) => {
        throw new Error(`${(error as Error).message}\n${await logFiles(live.cluster.node, project)}`, { cause: error })
      })
      // A connection that is lost when the log is rotated loses the end of the old file: the API serves only the newest.
      const rotated = gaps.length === 0 ? [] : await rotatedAfter(live.cluster.node, project)
      expect(gaps.filter(({ to }) => !rotated.includes(to))).toEqual([])
      if (floods) expect(mostKept).toBeLessThan(4 * keptSize)
      else expect(dropped).toBe(0)
    } finally {
      stop.abort()
      await live.server.remove(`/api/v1/namespaces/default/pods/${project}`)
    }
  },
})

interface Read {
  /** Lines that did not come, and were not counted as dropped. */
  readonly gaps: readonly { readonly from: number; readonly to: number }[]
  readonly dropped: number
  /** The most text (bytes) that came after the reader stood still and before lines were told as dropped. */
  readonly mostKept: number
}

/** Reads up to the last line. Throws when a line comes twice, too late or changed. */
async function read(
  lines: ReturnType<typeof followLogs>,
  last: number,
  { random, floods }: { random: Random; floods: boolean },
): Promise<Read> {
  const gaps: { from: number; to: number }[] = []
  let stalls = random.int(1, 4)
  let hasStood = false
  let [expected, dropped, counted, kept, mostKept] = [1, 0, 0, 0, 0]
  for await (const line of lines) {
    if (line.dropped !== undefined) {
      counted += line.dropped
      dropped += line.dropped
      if (hasStood) mostKept = Math.max(mostKept, kept)
      hasStood = false
      if (expected + counted > last) break
      continue
    }
    // A rotation may come within a line: the runtime writes the rest of it into the next file.
    const number = Number.parseInt(line.text, 10)
    if (/^ ?x*$/.test(line.text) || isEndOf(expected + counted, number)) continue
    expect(line.text).toMatch(/^\d+ x*$/)
    expect(number).toBeGreaterThanOrEqual(expected + counted)
    if (number > expected + counted) gaps.push({ from: expected + counted, to: number - 1 })
    ;[expected, counted, kept] = [number + 1, 0, kept + line.text.length]
    if (number === last) break
    if (stalls > 0 && random.chance(0.002)) {
      stalls -= 1
      await sleep(floods ? random.int(1000, 3000) : random.int(1, 300))
      kept = 0
      hasStood = true
    }
  }
  expect(expected + counted, 'all lines came').toBe(last + 1)
  return { gaps, dropped, mostKept }
}

/** Whether a number is what is left of a larger one whose first digits are missing. */
function isEndOf(whole: number, number: number): boolean {
  return number < whole && String(whole).endsWith(String(number))
}
