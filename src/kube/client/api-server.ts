import { readFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import { dirname, resolve } from 'node:path'
import { DevkError } from '../../errors.ts'
import { kubeconfigValue } from '../kubeconfig.ts'

/** The address of an API server, and how to authenticate to it. */
export interface ApiServer {
  readonly server: URL
  /** Authorization headers. Call it for each request, since tokens expire. */
  headers(): Promise<Record<string, string>>
  /** For short requests. Reuses a few connections, so that fifteen lists do not need fifteen TLS handshakes. */
  readonly requests: http.Agent
  /** For requests that stay open (watches, logs, upgrades). Has no limit of connections. */
  readonly streams: http.Agent
}

interface Named<T> {
  readonly name: string
  readonly value: T
}

interface ClusterEntry {
  readonly server?: string
  readonly 'certificate-authority'?: string
  readonly 'certificate-authority-data'?: string
  readonly 'insecure-skip-tls-verify'?: boolean
  readonly 'tls-server-name'?: string
  readonly 'proxy-url'?: string
}

interface UserEntry {
  readonly 'client-certificate'?: string
  readonly 'client-certificate-data'?: string
  readonly 'client-key'?: string
  readonly 'client-key-data'?: string
  readonly token?: string
}

const plainUserKeys = new Set([
  'client-certificate',
  'client-certificate-data',
  'client-key',
  'client-key-data',
  'token',
])

/**
 * Reads one context of a kubeconfig. Throws CLUSTER_MISSING when the file, the context, or its cluster or user does not
 * exist.
 */
export async function readApiServer(file: string, contextName: string): Promise<ApiServer> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new DevkError('CLUSTER_MISSING', `the kubeconfig ${file} cannot be read`, { cause })
  })
  const config = ((await kubeconfigValue(text)) ?? {}) as Record<string, unknown>
  const find = <T>(list: string, name: string, field: string): T => {
    const entries = (config[list] ?? []) as (Named<T> & Record<string, T>)[]
    const entry = entries.find((candidate) => candidate.name === name)?.[field]
    if (entry) return entry
    throw new DevkError('CLUSTER_MISSING', `${file} has no entry "${name}" in its ${list}`)
  }
  const context = find<{ cluster: string; user: string }>('contexts', contextName, 'context')
  const cluster = find<ClusterEntry>('clusters', context.cluster, 'cluster')
  const user = find<UserEntry>('users', context.user, 'user')
  if (!cluster.server) throw new DevkError('CLUSTER_MISSING', `${file}: cluster "${context.cluster}" has no server`)
  const server = new URL(cluster.server)

  if (cluster['proxy-url'] || Object.keys(user).some((key) => !plainUserKeys.has(key))) {
    const { pluginAuth } = await import('./auth.ts')
    const auth = await pluginAuth(file, contextName)
    return { server, headers: auth.headers, requests: auth.agent, streams: auth.agent }
  }
  const bytes = async (path: string | undefined, data: string | undefined) =>
    data ? Buffer.from(data, 'base64') : path ? readFile(resolve(dirname(file), path)) : undefined
  const [ca, cert, key] = await Promise.all([
    bytes(cluster['certificate-authority'], cluster['certificate-authority-data']),
    bytes(user['client-certificate'], user['client-certificate-data']),
    bytes(user['client-key'], user['client-key-data']),
  ])
  const tls: https.AgentOptions = {
    ...(ca ? { ca } : {}),
    ...(cert ? { cert } : {}),
    ...(key ? { key } : {}),
    ...(cluster['tls-server-name'] ? { servername: cluster['tls-server-name'] } : {}),
    ...(cluster['insecure-skip-tls-verify'] ? { rejectUnauthorized: false } : {}),
  }
  const Agent = server.protocol === 'http:' ? http.Agent : https.Agent
  const authorization: Record<string, string> = user.token ? { Authorization: `Bearer ${user.token}` } : {}
  return {
    server,
    headers: async () => authorization,
    requests: new Agent({ ...tls, keepAlive: true, keepAliveMsecs: 30_000, maxSockets: 6 }),
    streams: new Agent({ ...tls, keepAlive: true, keepAliveMsecs: 30_000 }),
  }
}
