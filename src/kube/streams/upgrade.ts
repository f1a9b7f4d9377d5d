import type { PodRef } from '../api.ts'
import type { Http } from '../client/http.ts'
import { type Session, spdySession } from './spdy-session.ts'

/** The path of a pod on the API server. */
export function podPath({ namespace, name }: PodRef): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`
}

/**
 * Opens a subresource of a pod that speaks streams. SPDY rather than WebSocket: every API server takes it, it passes unchanged
 * to the kubelet, and it is the only one of the two in which one direction of a forwarded connection can end before the other.
 * Throws KUBE_API with the server's words.
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
