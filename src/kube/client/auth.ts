import { readFile } from 'node:fs/promises'
import type { Agent, RequestOptions } from 'node:https'
import { KubeConfig } from '@kubernetes/client-node'

/**
 * Headers and agent for requests to a cluster whose user authenticates by a plugin, OIDC, a password or through a
 * proxy.
 */
export interface PluginAuth {
  headers(): Promise<Record<string, string>>
  readonly agent: Agent
}

/**
 * Authenticates with @kubernetes/client-node (2.0.1). Only its KubeConfig is used: its generated API layer costs 0.3 s
 * and 20 MB at import even when bundled, aborts each watch after 30 s, and cannot half-close a port-forward (issues
 * 459, 596, 2432). Certificates and tokens, which local clusters use, do not need it.
 */
export async function pluginAuth(file: string, context: string): Promise<PluginAuth> {
  const config = new KubeConfig()
  config.loadFromString(await readFile(file, 'utf8'))
  config.setCurrentContext(context)
  const apply = async (): Promise<RequestOptions> => {
    const options: RequestOptions = {}
    await config.applyToHTTPSOptions(options)
    return options
  }
  const first = await apply()
  return {
    agent: first.agent as Agent,
    async headers() {
      const { headers, auth } = await apply()
      const basic = auth ? { Authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {}
      return { ...(headers as Record<string, string> | undefined), ...basic }
    },
  }
}
