import { pipeline, type Readable, Transform } from 'node:stream'
import type { PodStreams } from '../../../../src/kube/api.ts'
import type { Random } from '../random.ts'

/** Log streams of which some break, as when a connection is lost: after a while, or in the middle of a burst of lines. */
export function brokenLogs(streams: Pick<PodStreams, 'logs'>, random: Random): Pick<PodStreams, 'logs'> {
  return {
    async logs(pod, options) {
      const stream = await streams.logs(pod, options)
      if (!options.follow || random.chance(0.3)) return stream
      if (random.chance(0.5)) return breaksAfter(random.int(1, 200_000), stream)
      const timer = setTimeout(() => stream.destroy(lost()), random.int(20, 3000))
      stream.once('close', () => clearTimeout(timer))
      return stream
    },
  }
}

const lost = () => new Error('broken by the test')

/** The same stream, which breaks after this many bytes. */
function breaksAfter(bytes: number, stream: Readable): Readable {
  let left = bytes
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      left -= chunk.length
      if (left < 0) done(lost())
      else done(null, chunk)
    },
  })
  // The reader hears of the end and of an error.
  pipeline(stream, counted, () => {})
  return counted
}
