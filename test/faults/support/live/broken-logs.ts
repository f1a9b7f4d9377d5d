import type { PodStreams } from '../../../../src/kube/api.ts'
import type { Random } from '../random.ts'

/** Log streams of which some break after a while, as when a connection is lost. */
export function brokenLogs(streams: Pick<PodStreams, 'logs'>, random: Random): Pick<PodStreams, 'logs'> {
  return {
    async logs(pod, options) {
      const stream = await streams.logs(pod, options)
      if (options.follow && random.chance(0.7)) {
        const timer = setTimeout(() => stream.destroy(new Error('broken by the test')), random.int(20, 3000))
        stream.once('close', () => clearTimeout(timer))
      }
      return stream
    },
  }
}
