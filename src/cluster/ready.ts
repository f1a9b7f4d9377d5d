import { request } from 'node:https'
import { DevkError } from '../errors.ts'
import { readApiServer } from '../kube/client/api-server.ts'

const timeoutMs = 2000

/**
 * Whether the API server of a context reports that it is ready, with a certificate that the kubeconfig trusts. false
 * when the context does not exist, or another cluster listens at its address. See
 * https://kubernetes.io/docs/reference/using-api/health-checks/
 */
export async function apiServerReady(kubeconfig: string, context: string, signal: AbortSignal): Promise<boolean> {
  const api = await readApiServer(kubeconfig, context).catch((error: unknown) => {
    if (error instanceof DevkError) return undefined
    throw error
  })
  if (api === undefined) return false
  const { server, requests: agent } = api
  const status = await new Promise<number | undefined>((resolve) => {
    const asked = request(new URL('/readyz', server), { agent, signal, timeout: timeoutMs })
    asked.on('response', (answer) => {
      answer.destroy()
      resolve(answer.statusCode)
    })
    asked.on('timeout', () => asked.destroy(new Error('no response')))
    asked.on('error', () => resolve(undefined))
    asked.end()
  })
  agent.destroy()
  return status === 200
}
