import type { PodRef } from '../api.ts'
import type { Http } from '../client/http.ts'
import { type Session, spdySession } from './spdy-session.ts'

/** The path of a pod in the API. */
export function podPath({ namespace, name }: PodRef): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`
}

/**
 * Opens a streaming subresource of a pod. Uses SPDY rather than WebSocket: every API server accepts it, it reaches the
 * kubelet unchanged, and only SPDY can end one direction of a forwarded connection before the other. Throws KUBE_API
 * with the message of the server.
 */
export async function openSession(
  http: Http,
  pod: PodRef,
  subresource: { name: 'exec' | 'portforward'; query: string; protocol: string },
  signal: AbortSignal,
): Promise<Session> {
  const headers = { Connection: 'Upgrade', Upgrade: 'SPDY/3.1', 'X-Stream-Protocol-Version': subresource.protocol }
  return spdySession(await http.upgrade(`${podPath(pod)}/${subresource.name}${subresource.query}`, headers, signal))
}
