import type { PodRef, PodStreams } from '../kube/api.ts'
import type { Pod, Probe } from '../kube/pod.ts'

/** How a pod is asked whether it serves. */
export interface Question {
  readonly port: number
  /** Without one a connection is enough. */
  readonly path: string | undefined
}

/** The readiness probe over HTTP, else any other HTTP probe, else a connection to `port`; `path` asks for that on `port`. */
export function questionFor(
  pod: Pod,
  port: number | string | undefined,
  path: string | undefined,
): Question | undefined {
  const own = portNumber(pod, port)
  if (path !== undefined) return own === undefined ? undefined : { port: own, path }
  const probes = (pod.spec?.containers ?? []).flatMap(({ readinessProbe, livenessProbe, startupProbe }) =>
    [readinessProbe, livenessProbe, startupProbe].flatMap((probe) => plainHttp(probe) ?? []),
  )
  const [first] = probes
  const probed = portNumber(pod, first?.port)
  if (first !== undefined && probed !== undefined) return { port: probed, path: first.path ?? '/' }
  return own === undefined ? undefined : { port: own, path: undefined }
}

/** Asks through the API server; undefined when the answer is good (2xx, 3xx), else what it was. */
export async function ask(
  streams: Pick<PodStreams, 'connect'>,
  pod: PodRef,
  { port, path }: Question,
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
    return `port ${port} does not answer: ${error instanceof Error ? error.message : String(error)}`
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
