import type { KubeObject, PodStreams } from '../../../../src/kube/api.ts'
import { podOf } from './pods.ts'

const program = `$| = 1; open F, '/d/n'; my $n = <F> || 0; close F;
  for (1 .. 3000) { $n++; print "$n\\n"; select(undef, undef, undef, 0.001) if $n % 5 == 0 }
  open F, '>/d/n'; print F $n; close F; exit 3`

/** A pod whose container prints 3000 numbers, one a line, and fails. After each restart it goes on with the next number. */
export const counterPod: KubeObject = podOf({
  name: 'counter',
  labels: { app: 'counter' },
  container: { command: ['perl', '-e', program], volumeMounts: [{ name: 'd', mountPath: '/d' }] },
  spec: { volumes: [{ name: 'd', emptyDir: {} }] },
})

/** Pod streams whose followed logs break within a second. */
export function breakingLogs(streams: PodStreams): PodStreams {
  return {
    ...streams,
    async logs(target, options) {
      const stream = await streams.logs(target, options)
      if (options.follow) setTimeout(() => stream.destroy(new Error('broken by the test')), 200 + Math.random() * 800)
      return stream
    },
  }
}
