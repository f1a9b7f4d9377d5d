import type { PodRef, PodStreams } from '../kube/api.ts'
import type { Pod, Probe } from '../kube/pod.ts'
import { messageOf } from '../lib/text.ts'

/** A request that a pod must answer. */
export interface PodRequest {
  readonly port: number
  /** Path of a GET request; undefined if a TCP connection is enough. */
  readonly path: string | undefined
}

/**
 * The request that shows whether a pod works: a GET of `path` if it is given, otherwise the pod's HTTP readiness probe,
 * otherwise another HTTP probe of the pod, otherwise a TCP connection. `port` is the target port of the Service.
 * undefined if there is no port. Pure.
 */
export function requestFor(
  pod: Pod,
  port: number | string | undefined,
  path: string | undefined,
): PodRequest | undefined {
  const servicePort = portNumber(pod, port)
  if (path !== undefined) return servicePort === undefined ? undefined : { port: servicePort, path }
  const probes = (pod.spec?.containers ?? []).flatMap(({ readinessProbe, livenessProbe, startupProbe }) =>
    [readinessProbe, livenessProbe, startupProbe].flatMap((probe) => plainHttp(probe) ?? []),
  )
  const [first] = probes
  const probed = portNumber(pod, first?.port)
  if (first !== undefined && probed !== undefined) return { port: probed, path: first.path ?? '/' }
  return servicePort === undefined ? undefined : { port: servicePort, path: undefined }
}

/**
 * Sends the request through the API server. Returns undefined if the pod answers with 2xx or 3xx within 5 s, otherwise
 * what is wrong.
 */
export async function askPod(
  streams: Pick<PodStreams, 'connect'>,
  pod: PodRef,
  { port, path }: PodRequest,
  signal: AbortSignal,
): Promise<string | undefined> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(5000)])
  try {
    const connection = await streams.connect(pod, port, deadline)
    try {
      if (path === undefined) return undefined
      connection.write(`GET ${path} HTTP/1.0\r\nHost: ${pod.name}\r\nUser-Agent: devk\r\nConnection: close\r\n\r\n`)
      const status = await statusLine(connection, deadline)
      return /^HTTP\/1\.[01] [23]\d\d/.test(status) ? undefined : `GET :${port}${path} answers ${status || 'nothing'}`
    } finally {
      connection.destroy()
    }
  } catch (error) {
    signal.throwIfAborted()
    return `port ${port} does not answer: ${messageOf(error)}`
  }
}

async function statusLine(
  connection: AsyncIterable<Buffer> & { destroy(): unknown },
  signal: AbortSignal,
): Promise<string> {
  const stop = () => connection.destroy()
  signal.addEventListener('abort', stop, { once: true })
  let text = ''
  try {
    for await (const part of connection) {
      text += part.toString('latin1')
      if (text.includes('\n')) break
    }
  } finally {
    signal.removeEventListener('abort', stop)
  }
  return text.split(/\r?\n/)[0] ?? ''
}

type HttpGet = NonNullable<Probe['httpGet']> & { scheme?: string }

function plainHttp(probe: Probe | undefined): HttpGet | undefined {
  const get = probe?.httpGet as HttpGet | undefined
  return get?.scheme === 'HTTPS' ? undefined : get
}

function portNumber(pod: Pod, port: number | string | undefined): number | undefined {
  if (typeof port === 'number') return port
  const named = (pod.spec?.containers ?? []).flatMap(
    ({ ports }) => (ports as { name?: string; containerPort: number }[] | undefined) ?? [],
  )
  return named.find(({ name }) => name === port)?.containerPort
}
