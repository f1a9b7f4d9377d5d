import type { PodStreams } from '../api.ts'
import type { Http } from '../client/http.ts'
import { execInPod } from './exec.ts'
import { podConnector } from './forward.ts'
import { podPath } from './upgrade.ts'

/** Streams to and from pods, through the API server. */
export function podStreams(http: Http): PodStreams {
  return {
    exec: (pod, command, options) => execInPod(http, pod, command, options),
    async logs(pod, { container, follow, previous, sinceTime, tailLines, signal }) {
      const parameters = new URLSearchParams({ container, timestamps: 'true', follow: String(follow) })
      if (previous) parameters.set('previous', 'true')
      if (sinceTime !== undefined) parameters.set('sinceTime', sinceTime)
      if (tailLines !== undefined) parameters.set('tailLines', String(tailLines))
      return await http.open({ method: 'GET', path: `${podPath(pod)}/log?${parameters}`, signal })
    },
    connect: podConnector(http),
  }
}
